/*
 * Active script for Active Directory: whoever has an e-mail address and an account that is not disabled.
 * The bit 2 of userAccountControl says "account disabled".
 */
function isActive(entry) {
  var disabled = (entry.userAccountControl & 2) !== 0;
  return entry.mail !== null && !disabled;
}
