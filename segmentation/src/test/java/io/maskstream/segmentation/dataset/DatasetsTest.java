package io.maskstream.segmentation.dataset;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.maskstream.segmentation.image.Bytes;
import io.maskstream.segmentation.image.ImageEncoder;
import io.maskstream.segmentation.image.RgbImage;
import io.maskstream.segmentation.mask.ClassList;
import io.maskstream.segmentation.mask.GreyPng;
import io.maskstream.segmentation.mask.Mask;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DatasetsTest {
    @TempDir
    private Path folder;

    @BeforeEach
    void write() throws IOException {
        Files.createDirectories(folder.resolve("JPEGImages"));
        Files.createDirectories(folder.resolve("SegmentationClass"));
        Files.createDirectories(folder.resolve("ImageSets/Segmentation"));
        Files.writeString(folder.resolve("classes.txt"), "road\nsky\n");
        Files.writeString(folder.resolve("ImageSets/Segmentation/train.txt"), "one\ntwo\n\n");
        Files.writeString(folder.resolve("ImageSets/Segmentation/val.txt"), "three\n");
        for (String id : new String[] {"one", "two", "three"}) {
            image(id, 4, 6);
            mask(id, 4, 6, 1);
        }
    }

    @Test
    void opensSplitsInTheOrderOfTheirLists() throws IOException {
        Dataset dataset = Datasets.open(folder);

        assertThat(dataset.classes()).isEqualTo(ClassList.of(List.of("road", "sky")));
        assertThat(dataset.splits()).containsExactly("train", "val");
        assertThat(dataset.items("train")).extracting(DatasetItem::id).containsExactly("one", "two");
        assertThat(dataset.items("val").get(0).readMask(dataset.classes()).at(3, 5))
                .isEqualTo(1);
        assertThat(dataset.items("val").get(0).readImage().width()).isEqualTo(6);
        assertThat(Datasets.isDataset(folder)).isTrue();
        assertThatThrownBy(() -> dataset.items("test"))
                .hasMessageEndingWith("has no split 'test'; there are [train, val]");
    }

    @Test
    void countsPixelsAndFindsNothing_whenAllFits() throws IOException {
        DatasetCheck check = Datasets.open(folder).check();

        assertThat(check.isClean()).isTrue();
        assertThat(check.splits())
                .containsEntry("train", new DatasetCheck.SplitFigures(2, 2, Map.of("road", 0L, "sky", 46L), 2))
                .containsEntry("val", new DatasetCheck.SplitFigures(1, 1, Map.of("road", 0L, "sky", 23L), 1));
    }

    @Test
    void tellsEveryProblem_whenMasksDoNotFit() throws IOException {
        mask("one", 4, 5, 1);
        mask("two", 4, 6, 2);
        Files.writeString(folder.resolve("SegmentationClass/three.png"), "no png");
        Files.writeString(folder.resolve("ImageSets/Segmentation/val.txt"), "three\none\n");

        assertThat(Datasets.open(folder).check().problems())
                .hasSize(5)
                .anyMatch(line -> line.endsWith("one.png has 5x4 px, but its picture 6x4: they must be equal"))
                .anyMatch(line -> line.contains("two.png has class 2 at column 1, row 0"))
                .anyMatch(line -> line.contains("three.png: the mask is no PNG"))
                .anyMatch(line -> line.startsWith("picture 'one' is in split train and in split val"));
    }

    @Test
    void namesTheMissingPicture() throws IOException {
        Files.delete(folder.resolve("JPEGImages/two.jpg"));

        assertThatThrownBy(() -> Datasets.open(folder))
                .isInstanceOf(DatasetException.class)
                .hasMessageEndingWith("train.txt lists 1 pictures of 2 that are not in JPEGImages, the first is 'two'");
    }

    @Test
    void takesAPictureWithoutMask_asUnlabelled() throws IOException {
        Files.delete(folder.resolve("SegmentationClass/two.png"));
        DatasetItem item = Datasets.open(folder).items("train").get(1);

        assertThat(item.isLabelled()).isFalse();
        assertThatThrownBy(() -> item.readMask(ClassList.of(List.of("road", "sky"))))
                .hasMessageContaining("picture 'two' has no mask");
    }

    @Test
    void saysWhatIsLacking_whenTheLayoutIsAnother() throws IOException {
        Files.delete(folder.resolve("classes.txt"));
        assertThatThrownBy(() -> Datasets.open(folder)).hasMessageContaining("write one class name a line");
        assertThatThrownBy(() -> Datasets.open(folder.resolve("JPEGImages")))
                .hasMessageContaining("it lacks the folder JPEGImages");
        assertThatThrownBy(() -> Datasets.open(folder.resolve("nowhere"))).hasMessageContaining("there is no folder");
    }

    @Test
    void refusesLists_thatNameAPictureTwiceOrLeadOutside() throws IOException {
        Files.writeString(folder.resolve("ImageSets/Segmentation/val.txt"), "three\nthree\n");
        assertThatThrownBy(() -> Datasets.open(folder)).hasMessageEndingWith("val.txt lists 'three' twice");
        Files.writeString(folder.resolve("ImageSets/Segmentation/val.txt"), "../JPEGImages/three\n");
        assertThatThrownBy(() -> Datasets.open(folder)).hasMessageContaining("the first is '../JPEGImages/three'");
    }

    @Test
    void readsAPlainFolder_byContentAndNotByName() throws IOException {
        Path plain = Files.createDirectories(folder.resolve("plain/inner"));
        Files.copy(folder.resolve("JPEGImages/one.jpg"), plain.resolve("without-extension"));
        Files.writeString(folder.resolve("plain/note.jpg"), "a text that is named like a picture");

        assertThat(Datasets.imageFolder(folder.resolve("plain")))
                .extracting(DatasetItem::id)
                .containsExactly("inner/without-extension");
        assertThatThrownBy(() -> Datasets.imageFolder(folder.resolve("ImageSets")))
                .hasMessageContaining("no picture among them");
    }

    @Test
    void opensCamVid_withItsPaletteAsColours() throws IOException {
        Path camVid = Path.of(System.getProperty("maskstream.datasets", "nowhere"), "CamVid");
        assumeTrue(Files.isDirectory(camVid), "the data set CamVid is not here: " + camVid);
        Dataset dataset = Datasets.open(camVid);

        assertThat(dataset.classes().size()).isEqualTo(11);
        assertThat(dataset.classes().colour(0)).isEqualTo(0x808080); // CamVid draws the sky grey
        assertThat(dataset.items("train")).hasSize(367);
        assertThat(dataset.items("val")).hasSize(101);
        Mask mask = dataset.items("val").get(0).readMask(dataset.classes());
        assertThat(mask.width()).isEqualTo(480);
    }

    private void image(String id, int height, int width) throws IOException {
        byte[] jpeg = ImageEncoder.jpeg(new RgbImage(height, width, Bytes.wrap(new byte[3 * height * width])));
        Files.write(folder.resolve("JPEGImages/" + id + ".jpg"), jpeg);
    }

    private void mask(String id, int height, int width, int index) throws IOException {
        byte[] classes = new byte[height * width];
        Arrays.fill(classes, (byte) index);
        classes[0] = (byte) Mask.IGNORE;
        Files.write(
                folder.resolve("SegmentationClass/" + id + ".png"),
                GreyPng.encode(new Mask(height, width, Bytes.wrap(classes))));
    }
}
