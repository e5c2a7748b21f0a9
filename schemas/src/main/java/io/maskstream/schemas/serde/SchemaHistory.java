package io.maskstream.schemas.serde;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.apache.avro.Schema;
import org.apache.avro.SchemaNormalization;

/**
 * Every schema that an event was ever written with, so that old records stay readable without a registry.
 *
 * <p>The versions lie on the class path as {@code schemas/history/<Event>/1.avsc}, {@code 2.avsc} and so on, each with the
 * types it names; the last is today's. A test fails when a schema was changed and its new version was not put there.
 */
final class SchemaHistory {
    private static final String FOLDER = "/schemas/history/";

    private SchemaHistory() {}

    /** Returns the versions of an event's schema, the oldest first; empty for one that was never released. */
    static List<Schema> of(String event) {
        List<Schema> versions = new ArrayList<>();
        for (int version = 1; ; version++) {
            String name = FOLDER + event + "/" + version + ".avsc";
            try (InputStream found = SchemaHistory.class.getResourceAsStream(name)) {
                if (found == null) {
                    return List.copyOf(versions);
                }
                versions.add(new Schema.Parser().parse(found));
            } catch (IOException e) {
                throw new UncheckedIOException("cannot read " + name + " from the class path", e);
            }
        }
    }

    /** Returns the fingerprint that single-object encoding puts before a record of the schema, as text. */
    static String fingerprint(Schema schema) {
        return String.format(Locale.ROOT, "%016x", SchemaNormalization.parsingFingerprint64(schema));
    }
}
