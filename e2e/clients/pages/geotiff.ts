import { fromUrl } from 'geotiff';
import { identity, onNextView, reportAnswer, reportError } from './app.js';

await identity.ready;

const services = 'https://gis.example.org/server/rest/services';
const WIDTH = 400;
const HEIGHT = 300;
const canvas = Object.assign(document.createElement('canvas'), { width: WIDTH, height: HEIGHT });
document.querySelector('#map')?.append(canvas);

/** @param bbox - In metres of Web Mercator. The library takes the overview that suffices, and requests its tiles. */
async function draw(url: string, bbox: number[]): Promise<void> {
  const tiff = await fromUrl(url);
  const raster = await tiff.readRasters({ bbox, width: WIDTH, height: HEIGHT });
  const [heights] = raster;
  if (typeof heights !== 'object') throw new Error('There is no band.');
  const picture = new ImageData(WIDTH, HEIGHT);
  heights.forEach((metres, i) =>
    picture.data.set([metres / 12, 90 + metres / 20, 220 - metres / 15, 255], 4 * i),
  );
  canvas.getContext('2d')?.putImageData(picture, 0, 0);
}

const halfWorldM = 20_037_508.34;
let centre = [0, 0];
let halfM = halfWorldM;

async function load(): Promise<void> {
  const [x = 0, y = 0] = centre;
  const bbox = [x - halfM, y - halfM, x + halfM, y + halfM];
  await draw(`${services}/Archives/heights.tif`, bbox).catch(reportError);
  const more = await fromUrl(`${services}/PrivateArchives/heights.tif`).catch(reportError);
  if (more) reportAnswer(await more.getImageCount().catch(reportError));
}

await load();
onNextView(({ longitude, latitude }) => {
  const y = Math.log(Math.tan(Math.PI / 4 + (latitude * Math.PI) / 360)) / Math.PI;
  centre = [(longitude / 180) * halfWorldM, y * halfWorldM];
  halfM = halfWorldM / 16;
  return load();
});
