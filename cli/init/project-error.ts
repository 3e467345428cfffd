/** What keeps `init` from doing its work. The message names the file and says what to do. */
export class ProjectError extends Error {
  override readonly name = 'ProjectError';
}
