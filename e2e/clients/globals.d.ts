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
}
