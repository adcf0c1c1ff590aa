/** Counts what goes over all connections of a run. */

export class Traffic {
  requests = 0;
  entries = 0;
  bytesSent = 0;
  bytesRead = 0;
}
