// Stands for the ready worker of the package.
addEventListener('fetch', () => undefined);
