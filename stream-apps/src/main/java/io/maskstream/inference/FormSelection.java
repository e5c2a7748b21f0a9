package io.maskstream.inference;

import io.maskstream.schemas.event.ModelRelease;
import io.maskstream.schemas.event.ReleaseVariant;
import io.maskstream.schemas.event.StoredArtefact;
import io.maskstream.segmentation.form.ModelForm;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Which file of a release serves.
 *
 * @param form its numeric form
 * @param artefact the file
 * @param instead why it is not the form that was wanted; null if it is
 */
record FormSelection(ModelForm form, StoredArtefact artefact, @Nullable String instead) {

    /** Selects the wanted form if the release has it and it passed its gate, else float32. */
    static FormSelection of(ModelRelease release, ModelForm wanted) {
        if (wanted == ModelForm.FLOAT32) {
            return new FormSelection(wanted, release.getArtefact(), null);
        }
        Optional<ReleaseVariant> variant = release.getVariants().stream()
                .filter(found -> found.getForm().equals(wanted.wireName()))
                .findFirst();
        if (variant.isEmpty()) {
            return float32(release, "it was not released in " + wanted.wireName());
        }
        StoredArtefact artefact = variant.get().getArtefact();
        if (artefact == null || !variant.get().getGate().getPassed()) {
            return float32(
                    release,
                    "its " + wanted.wireName() + " form did not pass: "
                            + variant.get().getGate().getExplanation());
        }
        return new FormSelection(wanted, artefact, null);
    }

    /** Selects float32 in place of what was wanted. */
    static FormSelection float32(ModelRelease release, String why) {
        return new FormSelection(ModelForm.FLOAT32, release.getArtefact(), why);
    }
}
