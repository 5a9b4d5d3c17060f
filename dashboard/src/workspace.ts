/** The name that a workspace has until somebody gives it another one. */
const UNNAMED = "Default";

/** What people call a workspace: the address of the server, as long as nobody has named it. */
export const workspaceName = (name: string) => (name === UNNAMED ? location.host : name);
