/** What the pages of map libraries put on their windows. */
interface Window {
  client: {
    /** Errors as the library told them. */
    errors: string[];
    /** What a library without a map has read. */
    answers: string[];
    /** Has the library ask for something new; missing until its page has run. */
    showNextView?: () => void;
  };
  /** The ArcGIS Maps SDK, as far as its tests use it; missing until its page has run. */
  sdk?: {
    esriId: {
      readonly credentials: readonly { readonly userId?: string | null; readonly token?: string | null }[];
      checkSignInStatus(url: string): Promise<{ readonly userId?: string | null }>;
    };
    esriRequest: (
      url: string,
      options: { query: Record<string, unknown> },
    ) => Promise<{ readonly data: { readonly name: string } }>;
    Portal: new (properties: { url: string; authMode: 'immediate' }) => {
      readonly user?: { readonly username: string } | null;
      load(): Promise<unknown>;
    };
    PortalItem: new (properties: { id: string }) => { load(): Promise<{ readonly title: string }> };
  };
}
