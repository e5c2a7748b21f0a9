package io.maskstream.schemas.serde;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.maskstream.schemas.event.Decision;
import java.util.Arrays;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.lifecycle.BeforeContainer;
import org.apache.avro.specific.SpecificRecord;
import org.apache.kafka.common.errors.SerializationException;
import org.apache.kafka.common.serialization.Serde;

class EventRoundTripTest {
    @BeforeContainer
    static void trust() {
        TrustedEvents.install();
    }

    @Provide
    Arbitrary<Class<? extends SpecificRecord>> events() {
        return Arbitraries.of(AllEvents.TYPES);
    }

    @Property(tries = 300)
    void returnsWhatWasWritten(@ForAll("events") Class<? extends SpecificRecord> type, @ForAll long seed) {
        assertRoundTrip(type, seed);
    }

    private static <V extends SpecificRecord> void assertRoundTrip(Class<V> type, long seed) {
        Serde<V> serde = EventSerdes.singleObject().of(type);
        V event = AllEvents.arbitrary(type, seed);
        byte[] bytes = serde.serializer().serialize("topic", event);
        assertThat(Arrays.copyOf(bytes, 2)).containsExactly(0xc3, 0x01);
        assertThat(serde.deserializer().deserialize("topic", bytes)).isEqualTo(event);
    }

    @Property(tries = 200)
    void refusesEveryTornRecord(@ForAll("events") Class<? extends SpecificRecord> type, @ForAll long seed) {
        assertTornRefused(type, seed);
    }

    private static <V extends SpecificRecord> void assertTornRefused(Class<V> type, long seed) {
        Serde<V> serde = EventSerdes.singleObject().of(type);
        byte[] bytes = serde.serializer().serialize("topic", AllEvents.arbitrary(type, seed));
        int length = (int) Math.floorMod(seed, (long) bytes.length);
        byte[] torn = Arrays.copyOf(bytes, length);
        assertThatThrownBy(() -> serde.deserializer().deserialize("topic", torn))
                .isInstanceOf(SerializationException.class)
                .hasMessageContaining(type.getSimpleName());
    }

    @Property(tries = 500)
    void refusesRubbish_andNothingElseHappens(@ForAll byte[] rubbish) {
        assertThatThrownBy(() -> EventSerdes.singleObject()
                        .of(Decision.class)
                        .deserializer()
                        .deserialize("decisions", rubbish))
                .isInstanceOf(SerializationException.class)
                .hasMessageContaining("decisions");
    }
}
