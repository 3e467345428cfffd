// A long silence as WAV: players load its start first, and the rest when the user seeks.

const bytesPerSecond = 44_100 * 2 * 2;

/** @see Multimedia Programming Interface and Data Specifications 1.0: RIFF, WAVE (PCM, 44.1 kHz, 16 bits, stereo) */
export function silence(seconds: number): Buffer {
  const length = seconds * bytesPerSecond;
  const wav = Buffer.alloc(44 + length);
  wav.write('RIFF', 0, 'latin1');
  wav.writeUInt32LE(36 + length, 4);
  wav.write('WAVEfmt ', 8, 'latin1');
  wav.writeUInt32LE(16, 16);
  wav.writeUInt16LE(1, 20);
  wav.writeUInt16LE(2, 22);
  wav.writeUInt32LE(44_100, 24);
  wav.writeUInt32LE(bytesPerSecond, 28);
  wav.writeUInt16LE(4, 32);
  wav.writeUInt16LE(16, 34);
  wav.write('data', 36, 'latin1');
  wav.writeUInt32LE(length, 40);
  return wav;
}
