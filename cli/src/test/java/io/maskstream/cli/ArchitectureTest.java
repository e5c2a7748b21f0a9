package io.maskstream.cli;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;
import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.domain.JavaPackage;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import java.util.List;
import org.jspecify.annotations.NullMarked;
import org.junit.jupiter.api.Test;

class ArchitectureTest {
    private static final String BASE = "io.maskstream.";
    private static final String[] APPS = {
        BASE + "ingest..",
        BASE + "inference..",
        BASE + "routing..",
        BASE + "labeling..",
        BASE + "quality..",
        BASE + "dashboard..",
        BASE + "service.."
    };
    private static final String KAFKA = "org.apache.kafka..";
    private static final String[] HTTP = {"io.javalin..", "jakarta.servlet..", "java.net.http.."};

    private static final JavaClasses CLASSES = new ClassFileImporter()
            .withImportOption(new ImportOption.DoNotIncludeTests())
            .importPackages("io.maskstream");

    @Test
    void importsRunOneWay_betweenModules() {
        noClasses()
                .that()
                .resideInAPackage(BASE + "schemas..")
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage(
                        concat(APPS, BASE + "segmentation..", BASE + "trainer..", BASE + "broker..", BASE + "cli.."))
                .check(CLASSES);
        noClasses()
                .that()
                .resideInAPackage(BASE + "segmentation..")
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage(
                        concat(APPS, BASE + "schemas..", BASE + "trainer..", BASE + "broker..", BASE + "cli..", KAFKA))
                .check(CLASSES);
        noClasses()
                .that()
                .resideInAPackage(BASE + "broker..")
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage(
                        concat(APPS, BASE + "segmentation..", BASE + "trainer..", BASE + "schemas..", BASE + "cli.."))
                .check(CLASSES);
    }

    @Test
    void streamAppsAndTrainer_neverImportEachOther() {
        noClasses()
                .that()
                .resideInAnyPackage(APPS)
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage(BASE + "trainer..", BASE + "cli..", BASE + "broker..")
                .check(CLASSES);
        noClasses()
                .that()
                .resideInAPackage(BASE + "trainer..")
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage(concat(APPS, BASE + "cli..", BASE + "broker.."))
                .check(CLASSES);
    }

    @Test
    void packagesOfStreamApps_haveNoCycles() {
        slices().matching("io.maskstream.(ingest|inference|routing|labeling|quality|dashboard|service)..")
                .should()
                .beFreeOfCycles()
                .check(CLASSES);
    }

    @Test
    void decisions_knowNeitherKafkaNorHttp() {
        DescribedPredicate<JavaClass> decision = DescribedPredicate.describe(
                "are decision logic",
                type -> type.getPackageName().startsWith(BASE + "labeling.task")
                        || List.of(
                                        "RoutingRule",
                                        "Draw",
                                        "TokenBucket",
                                        "ScoreWindow",
                                        "Thresholds",
                                        "PartitionRouter",
                                        "RollingQuality",
                                        "Gate",
                                        "RoundTrigger",
                                        "Selection")
                                .contains(type.getSimpleName()));
        noClasses()
                .that(decision)
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage(concat(HTTP, KAFKA))
                .check(CLASSES);
    }

    @Test
    void everyPackage_saysWhatItIsForAndIsNullMarked() {
        List<String> silent = CLASSES.stream()
                .map(JavaClass::getPackage)
                .distinct()
                .filter(room -> !room.getName().startsWith(BASE + "schemas.event"))
                .filter(room -> !room.getClasses().isEmpty())
                .filter(room -> room.tryGetPackageInfo()
                        .filter(info -> info.isAnnotatedWith(NullMarked.class))
                        .isEmpty())
                .map(JavaPackage::getName)
                .toList();
        assertThat(silent).isEmpty();
    }

    private static String[] concat(String[] first, String... more) {
        String[] all = new String[first.length + more.length];
        System.arraycopy(first, 0, all, 0, first.length);
        System.arraycopy(more, 0, all, first.length, more.length);
        return all;
    }
}
