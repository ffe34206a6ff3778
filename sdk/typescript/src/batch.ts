/** Records on their way, and where they may wait. */

/** Records that are sent together. */
export interface Batch {
  /** The same for every attempt: gives ids to records without one, so that none counts twice. */
  idempotencyKey: string;
  /** Records as JSON, one each. */
  lines: readonly string[];
}

/** A batch that lies on the disk. */
export interface StoredBatch {
  /** Reads it. Gone: another process has sent it. A damaged one has been set aside. */
  load(): Promise<Batch | "gone" | "damaged">;
  /** Forgets it: the server has it. */
  remove(): Promise<void>;
  /** Sets it aside: the server will never take it. */
  reject(reason: string): Promise<void>;
}

/** A place on the disk where batches wait for the server. */
export interface Spool {
  /**
   * Opens the part that belongs to this owner (a server and a key).
   * @returns what an earlier process left there, oldest first.
   */
  open(owner: string): Promise<StoredBatch[]>;
  /** Keeps a batch; it is on the disk afterwards. Throws where that is not possible. */
  put(batch: Batch): Promise<StoredBatch>;
}
