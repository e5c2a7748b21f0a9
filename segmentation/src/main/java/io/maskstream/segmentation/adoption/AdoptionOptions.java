package io.maskstream.segmentation.adoption;

import io.maskstream.segmentation.image.RgbImage;
import io.maskstream.segmentation.model.ModelInput.SizePolicy;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** What a person says about a network that its graph does not; all of it may stay unsaid. */
public final class AdoptionOptions {
    private final String name;
    private String line = "main";
    private @Nullable String logits;
    private @Nullable Layout layout;
    private @Nullable SizePolicy sizePolicy;
    private int height;
    private int width;
    private int multiple;
    private @Nullable Normalisation normalisation;
    private List<String> classes = List.of();
    private List<String> oldClasses = List.of();
    private @Nullable ClassMap classMap;
    private Merge merge = Merge.LOG_SUM_EXP;
    private List<String> frozen = List.of();
    private List<RgbImage> pictures = List.of();

    /**
     * Starts with nothing said.
     *
     * @param name what the network is called; its first version is named after it
     */
    public AdoptionOptions(String name) {
        this.name = name;
    }

    /** Says which model line it is for; {@code main} if unsaid. */
    public AdoptionOptions line(String given) {
        line = given;
        return this;
    }

    /** Says which value of the graph has the class scores, an output or an inner one. */
    public AdoptionOptions logits(String given) {
        logits = given;
        return this;
    }

    /** Says the order of the input's axes. */
    public AdoptionOptions layout(Layout given) {
        layout = given;
        return this;
    }

    /** Says at which size the network was trained. */
    public AdoptionOptions size(int givenHeight, int givenWidth) {
        height = givenHeight;
        width = givenWidth;
        return this;
    }

    /** Says what happens to pictures of other sizes, and what sides are rounded to if they keep theirs. */
    public AdoptionOptions sizeRule(SizePolicy given, int givenMultiple) {
        sizePolicy = given;
        multiple = givenMultiple;
        return this;
    }

    /** Says how bytes become the network's numbers. */
    public AdoptionOptions normalisation(Normalisation given) {
        normalisation = given;
        return this;
    }

    /** Asks for a fresh classifier for these classes or, with a map, for the map's classes in this order. */
    public AdoptionOptions classes(List<String> given) {
        classes = List.copyOf(given);
        return this;
    }

    /** Says the names of the classes that the network has. */
    public AdoptionOptions oldClasses(List<String> given) {
        oldClasses = List.copyOf(given);
        return this;
    }

    /** Asks for new classes made of old ones. */
    public AdoptionOptions classMap(ClassMap given) {
        classMap = given;
        return this;
    }

    /** Says how several old classes become one. */
    public AdoptionOptions merge(Merge given) {
        merge = given;
        return this;
    }

    /** Says which weights stay as they are, as {@link io.maskstream.segmentation.model.FrozenWeights} reads patterns. */
    public AdoptionOptions frozen(List<String> given) {
        frozen = List.copyOf(given);
        return this;
    }

    /**
     * Asks for batch normalisation where an exporter folded it into the convolutions, measured on these pictures; see
     * {@link io.maskstream.segmentation.model.InsertedNormalisation}.
     */
    public AdoptionOptions normaliseOn(List<RgbImage> given) {
        pictures = List.copyOf(given);
        return this;
    }

    String name() {
        return name;
    }

    String line() {
        return line;
    }

    @Nullable
    String logits() {
        return logits;
    }

    @Nullable
    Layout layout() {
        return layout;
    }

    @Nullable
    SizePolicy sizePolicy() {
        return sizePolicy;
    }

    /** Returns the rows, 0 if unsaid. */
    int height() {
        return height;
    }

    int width() {
        return width;
    }

    int multiple() {
        return multiple;
    }

    @Nullable
    Normalisation normalisation() {
        return normalisation;
    }

    List<String> classes() {
        return classes;
    }

    List<String> oldClasses() {
        return oldClasses;
    }

    @Nullable
    ClassMap classMap() {
        return classMap;
    }

    Merge merge() {
        return merge;
    }

    List<String> frozen() {
        return frozen;
    }

    List<RgbImage> pictures() {
        return pictures;
    }
}
