package io.maskstream.cli.command;

import io.maskstream.cli.LoopOptions;
import io.maskstream.cli.Output;
import io.maskstream.cli.doctor.Diagnosis;
import io.maskstream.cli.doctor.Finding;
import io.maskstream.service.ExitCode;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** Checks the machine. */
@Command(
        name = "doctor",
        description = "Check Java, memory, disk, native libraries, devices, ports and Kafka, and say what to do.",
        mixinStandardHelpOptions = true)
public final class DoctorCommand implements Callable<Integer> {
    @Mixin
    private final LoopOptions options = new LoopOptions();

    @Mixin
    private final Output output = new Output();

    @Override
    public Integer call() throws Exception {
        List<Finding> findings = new Diagnosis(options.load()).run();
        output.show(
                findings,
                out -> findings.forEach(finding -> {
                    out.println(finding.state().mark() + "  " + finding.what() + ": " + finding.found());
                    if (!finding.advice().isEmpty()) {
                        out.println("      " + finding.advice());
                    }
                }));
        boolean well = findings.stream().noneMatch(finding -> finding.state() == Finding.State.BROKEN);
        return (well ? ExitCode.OK : ExitCode.FAILED).code();
    }
}
