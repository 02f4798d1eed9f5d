package dev.toehold.tcp;

import dev.toehold.tcp.RequirementCatalogue.Entry;
import java.io.IOException;
import java.lang.reflect.Method;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Stream;

/** Which tests show which requirement: annotated methods of this module, and scripts. */
final class RequirementEvidence {
    private final RequirementCatalogue catalogue;
    private final Map<Entry, SortedSet<String>> tests =
            new TreeMap<>(Comparator.comparingInt(Entry::rfc).thenComparing(Entry::id));

    private RequirementEvidence(RequirementCatalogue catalogue) {
        this.catalogue = catalogue;
    }

    static RequirementEvidence collect(RequirementCatalogue catalogue)
            throws IOException, URISyntaxException, ClassNotFoundException {
        RequirementEvidence evidence = new RequirementEvidence(catalogue);
        for (Path file : ScriptFiles.all()) {
            for (String requirement : ScriptFiles.parse(file).requirements()) {
                evidence.addLine(requirement, ScriptFiles.name(file).replace(".script", ""));
            }
        }
        Path classes = Path.of(RequirementEvidence.class
                .getProtectionDomain()
                .getCodeSource()
                .getLocation()
                .toURI());
        try (Stream<Path> files = Files.walk(classes)) {
            for (Path file :
                    files.filter(f -> f.toString().endsWith(".class")).sorted().toList()) {
                String name = classes.relativize(file).toString().replace('/', '.');
                evidence.addClass(name.substring(0, name.length() - ".class".length()));
            }
        }
        return evidence;
    }

    /** For example {@code RFC9293 MUST-20 3.8.3}. */
    void addLine(String requirement, String test) {
        String[] words = requirement.split(" ", -1);
        if (words.length != 3 || !words[0].matches("RFC\\d+")) {
            throw new IllegalArgumentException(test + ": # require: takes RFC, name and clause, not " + requirement);
        }
        add(Integer.parseInt(words[0].substring("RFC".length())), words[1], words[2], test);
    }

    private void addClass(String name) throws ClassNotFoundException {
        Class<?> type = Class.forName(name, false, RequirementEvidence.class.getClassLoader());
        for (Method method : type.getDeclaredMethods()) {
            for (Requirement requirement : method.getAnnotationsByType(Requirement.class)) {
                String test = type.getSimpleName() + "." + method.getName();
                add(requirement.rfc(), requirement.id(), requirement.clause(), test);
            }
        }
    }

    private void add(int rfc, String id, String clause, String test) {
        tests.computeIfAbsent(catalogue.find(rfc, id, clause, test), _ -> new TreeSet<>())
                .add(test);
    }

    List<String> testsOf(Entry entry) {
        return List.copyOf(tests.getOrDefault(entry, new TreeSet<>()));
    }
}
