import { useEffect, useState } from 'react';
import { identity, useUser } from './identity.js';

const layer = 'https://gis.example.org/server/rest/services/Countries/FeatureServer/0';

export function App() {
  const user = useUser();
  const [answer, setAnswer] = useState('');

  useEffect(() => {
    const unmounted = new AbortController();
    void (async () => {
      await identity.ready; // from here on every request to the portal is signed
      unmounted.signal.throwIfAborted();
      const url = `${layer}/query?where=1%3D1&returnCountOnly=true&f=json`;
      const response = await fetch(url, { signal: unmounted.signal });
      setAnswer(await response.text());
    })().catch((error: unknown) => unmounted.signal.aborted || reportError(error));
    return () => unmounted.abort();
  }, []);

  return (
    <>
      <p>{user === undefined ? 'Not signed in' : `Signed in as ${user}`}</p>
      {user === undefined ? (
        <button onClick={() => identity.signIn().catch(reportError)}>Sign in</button>
      ) : (
        <button onClick={() => identity.signOut()}>Sign out</button>
      )}
      <output>{answer}</output>
    </>
  );
}
