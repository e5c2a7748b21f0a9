package io.maskstream.segmentation.scene;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.EnumMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;

class StreetScenesTest {
    private final StreetScenes scenes = new StreetScenes(7, 120, 160);

    @Test
    void drawsTheSameScene_forTheSameSeedAndIndex() {
        assertThat(new StreetScenes(7, 120, 160).scene(41)).isEqualTo(scenes.scene(41));
        assertThat(scenes.scene(42).image()).isNotEqualTo(scenes.scene(41).image());
        assertThat(new StreetScenes(8, 120, 160).scene(41).image())
                .isNotEqualTo(scenes.scene(41).image());
    }

    @Test
    void repeatsNoScene_overManyIndices() {
        Set<Object> images = new HashSet<>();
        for (int i = 0; i < 200; i++) {
            images.add(scenes.scene(i).image());
        }

        assertThat(images).hasSize(200);
    }

    @Test
    void labelsEveryPixel_andShowsEveryClassOftenEnough() {
        int count = 120;
        long[] pixels = new long[256];
        int[] scenesWith = new int[StreetScenes.classes().size()];
        for (int i = 0; i < count; i++) {
            Scene scene = scenes.scene(i);
            assertThat(scene.mask().height()).isEqualTo(scene.image().height()).isEqualTo(120);
            Set<Integer> present = new HashSet<>();
            for (int p = 0; p < scene.mask().classes().length(); p++) {
                pixels[scene.mask().classes().at(p)]++;
                present.add(scene.mask().classes().at(p));
            }
            present.forEach(index -> scenesWith[index]++);
        }
        long all = 120L * 160 * count;
        long known = 0;
        for (int c = 0; c < scenesWith.length; c++) {
            known += pixels[c];
            assertThat(scenesWith[c]).as(StreetScenes.classes().name(c)).isGreaterThan(count / 2);
            assertThat((double) pixels[c] / all)
                    .as(StreetScenes.classes().name(c))
                    .isBetween(0.006, 0.5);
        }
        assertThat(known).isEqualTo(all);
    }

    @Test
    void drawsEveryCondition_aboutAsOftenAsStated() {
        Map<SceneCondition, Integer> seen = new EnumMap<>(SceneCondition.class);
        for (int i = 0; i < 400; i++) {
            seen.merge(scenes.scene(i).condition(), 1, Integer::sum);
        }

        assertThat(seen.get(SceneCondition.DAY)).isBetween(130, 210);
        assertThat(seen.get(SceneCondition.NIGHT)).isBetween(20, 75);
        assertThat(seen).hasSize(SceneCondition.values().length);
    }

    @Test
    void isDarkerAtNight_thanByDay() {
        double night = 0;
        double day = 0;
        int nights = 0;
        int days = 0;
        for (int i = 0; i < 120; i++) {
            Scene scene = scenes.scene(i);
            if (scene.condition() == SceneCondition.NIGHT) {
                night += brightness(scene);
                nights++;
            } else if (scene.condition() == SceneCondition.DAY) {
                day += brightness(scene);
                days++;
            }
        }

        assertThat(night / nights).isLessThan(0.5 * day / days);
    }

    @Test
    void drawsAnySizeFromSmallToLarge() {
        assertThat(new StreetScenes(1, 32, 32).scene(0).mask().width()).isEqualTo(32);
        assertThat(new StreetScenes(1, 97, 211).scene(3).image().width()).isEqualTo(211);
        assertThatThrownBy(() -> new StreetScenes(1, 31, 100)).hasMessageContaining("at least 32x32 px");
    }

    private static double brightness(Scene scene) {
        double sum = 0;
        for (int i = 0; i < scene.image().pixels().length(); i++) {
            sum += scene.image().pixels().at(i);
        }
        return sum / scene.image().pixels().length();
    }
}
