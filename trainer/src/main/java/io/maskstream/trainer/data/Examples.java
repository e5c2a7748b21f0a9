package io.maskstream.trainer.data;

import io.maskstream.segmentation.mask.Mask;
import java.util.List;
import java.util.stream.IntStream;

/** A fixed list of examples of one size; reading one gives the same every time. */
public interface Examples {
    /** No example. */
    Examples NONE = of(List.of());

    /** Returns how many there are. */
    int size();

    /**
     * Reads one.
     *
     * @param index from 0
     * @throws java.io.UncheckedIOException if it cannot be read
     */
    Example get(int index);

    /** Returns the masks of all, which must have one. */
    default List<Mask> masks() {
        return IntStream.range(0, size())
                .mapToObj(index -> get(index).requireMask())
                .toList();
    }

    /** Returns examples held in memory. */
    static Examples of(List<Example> examples) {
        List<Example> all = List.copyOf(examples);
        return new Examples() {
            @Override
            public int size() {
                return all.size();
            }

            @Override
            public Example get(int index) {
                return all.get(index);
            }
        };
    }
}
