/** What triggers notify, and what a view's owner may notify: a JSON list of the Discord ids of whoever changed, or anything else for everybody. */
export const CHANNEL = 'rolecall_identity'
