package io.maskstream.trainer.adoption;

import java.util.List;
import java.util.Map;

/**
 * What an import found, took for granted, rewrote and measured.
 *
 * @param file what was imported
 * @param operators how many nodes of each operator the graph had
 * @param facts what was found out, by name
 * @param assumptions what the graph does not say and was taken for granted
 * @param rewritings every change of the graph
 * @param trainable numbers that training changes
 * @param frozen numbers that stay, by the pattern that names them
 * @param agreement how closely libtorch and ONNX Runtime agree
 * @param inputSize {@code WxH} of the imported model
 * @param classes its classes in order
 */
public record ImportReport(
        String file,
        Map<String, Integer> operators,
        Map<String, String> facts,
        List<String> assumptions,
        List<String> rewritings,
        long trainable,
        Map<String, Long> frozen,
        Agreement agreement,
        String inputSize,
        List<String> classes) {}
