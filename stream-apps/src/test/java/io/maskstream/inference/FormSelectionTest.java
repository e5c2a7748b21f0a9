package io.maskstream.inference;

import static org.assertj.core.api.Assertions.assertThat;

import io.maskstream.schemas.event.GateVerdict;
import io.maskstream.schemas.event.ModelRelease;
import io.maskstream.schemas.event.ModelStatus;
import io.maskstream.schemas.event.ReleaseVariant;
import io.maskstream.schemas.event.StoredArtefact;
import io.maskstream.schemas.serde.EventSerdes;
import io.maskstream.segmentation.form.ModelForm;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.apache.kafka.common.serialization.Serde;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class FormSelectionTest {
    private static final StoredArtefact FULL = artefact('0');
    private static final StoredArtefact BYTES = artefact('8');

    @Test
    void takesTheWantedForm_whenItPassed() {
        FormSelection found = FormSelection.of(release(variant("int8", BYTES, true)), ModelForm.INT8);

        assertThat(found).isEqualTo(new FormSelection(ModelForm.INT8, BYTES, null));
    }

    @Test
    void takesFloat32_whenThatIsWanted_whateverElseThereIs() {
        FormSelection found = FormSelection.of(release(variant("int8", BYTES, true)), ModelForm.FLOAT32);

        assertThat(found).isEqualTo(new FormSelection(ModelForm.FLOAT32, FULL, null));
    }

    @Test
    void takesFloat32AndSaysWhy_whenTheFormIsMissingOrRejected() {
        assertThat(FormSelection.of(release(), ModelForm.INT8))
                .isEqualTo(new FormSelection(ModelForm.FLOAT32, FULL, "it was not released in int8"));
        assertThat(FormSelection.of(release(variant("int8", BYTES, false)), ModelForm.INT8))
                .isEqualTo(new FormSelection(ModelForm.FLOAT32, FULL, "its int8 form did not pass: a verdict"));
        assertThat(FormSelection.of(release(variant("float16", null, false)), ModelForm.FLOAT16)
                        .form())
                .isEqualTo(ModelForm.FLOAT32);
    }

    @Test
    void choosesHalfPrecisionByItself_onAnAcceleratorAlone() {
        assertThat(FormChoice.AUTO.wanted(true)).isEqualTo(ModelForm.FLOAT16);
        assertThat(FormChoice.AUTO.wanted(false)).isEqualTo(ModelForm.FLOAT32);
        for (boolean onAccelerator : new boolean[] {true, false}) {
            assertThat(FormChoice.INT8.wanted(onAccelerator)).isEqualTo(ModelForm.INT8);
            assertThat(FormChoice.FLOAT32.wanted(onAccelerator)).isEqualTo(ModelForm.FLOAT32);
            assertThat(FormChoice.FLOAT16.wanted(onAccelerator)).isEqualTo(ModelForm.FLOAT16);
        }
    }

    @Test
    void survivesTheWire_withItsVariants() {
        ModelRelease release = release(variant("float16", BYTES, true), variant("int8", null, false));
        Serde<ModelRelease> serde = EventSerdes.singleObject().of(ModelRelease.class);

        byte[] bytes = serde.serializer().serialize("models", release);

        assertThat(serde.deserializer().deserialize("models", bytes)).isEqualTo(release);
    }

    static ReleaseVariant variant(String form, @Nullable StoredArtefact artefact, boolean passed) {
        return ReleaseVariant.newBuilder()
                .setForm(form)
                .setArtefact(artefact)
                .setGate(GateVerdict.newBuilder()
                        .setPassed(passed)
                        .setExplanation("a verdict")
                        .setImages(4)
                        .build())
                .build();
    }

    private static StoredArtefact artefact(char digit) {
        String sha256 = String.valueOf(digit).repeat(64);
        return new StoredArtefact("sha256/" + sha256, sha256, 10L);
    }

    private static ModelRelease release(ReleaseVariant... variants) {
        return ModelRelease.newBuilder()
                .setLine("main")
                .setVersion("v1")
                .setRound(1)
                .setStatus(ModelStatus.CHAMPION)
                .setArtefact(FULL)
                .setClasses(List.of("a", "b"))
                .setMethod("none")
                .setTrainingOffsets(Map.of())
                .setDataHash("")
                .setLabels(0)
                .setUnlabelled(0)
                .setTrainSeconds(0)
                .setTemperature(1)
                .setReleasedAt(Instant.EPOCH)
                .setVariants(List.of(variants))
                .build();
    }
}
