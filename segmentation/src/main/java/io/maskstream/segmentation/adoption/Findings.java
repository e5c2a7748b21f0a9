package io.maskstream.segmentation.adoption;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** What the adoption of a graph found, took for granted and changed, in the order in which it went. */
public final class Findings {
    private final Map<String, Integer> operators = new LinkedHashMap<>();
    private final Map<String, String> facts = new LinkedHashMap<>();
    private final List<String> assumptions = new ArrayList<>();
    private final List<String> rewritings = new ArrayList<>();

    void operators(Map<String, Integer> counts) {
        operators.putAll(counts);
    }

    void fact(String what, String found) {
        facts.put(what, found);
    }

    void assumption(String sentence) {
        assumptions.add(sentence);
    }

    void rewriting(String sentence) {
        rewritings.add(sentence);
    }

    /** Returns how many nodes of each operator the graph had. */
    public Map<String, Integer> operators() {
        return new LinkedHashMap<>(operators);
    }

    /** Returns what was found out, by name. */
    public Map<String, String> facts() {
        return new LinkedHashMap<>(facts);
    }

    /** Returns what a graph does not say and was taken for granted, one sentence each. */
    public List<String> assumptions() {
        return List.copyOf(assumptions);
    }

    /** Returns every change of the graph, one sentence each. */
    public List<String> rewritings() {
        return List.copyOf(rewritings);
    }
}
