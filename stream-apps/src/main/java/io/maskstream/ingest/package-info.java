/**
 * Brings images into the stream: checks them, stores the large ones, recognises the ones that were there before.
 *
 * <p>Start at {@link io.maskstream.ingest.Publisher}; {@link io.maskstream.ingest.IngestApp} is the same as a running
 * stage over a folder, {@link io.maskstream.ingest.SeedPublisher} sends images that already have masks.
 */
@NullMarked
package io.maskstream.ingest;

import org.jspecify.annotations.NullMarked;
