package dev.toehold.tcp;

import dev.toehold.tcp.RequirementCatalogue.Entry;
import java.util.List;
import java.util.function.Predicate;

/** {@code docs/rfc-compliance.md}, from the catalogue and the tests. */
final class ComplianceReport {
    private static final int MAX_TESTS = 6;

    private static final String HEAD = """
            # RFC compliance

            Made from the tests by `ComplianceReportTest`; do not edit. A requirement is *shown* by the tests that name it: a
            script (`docs/test-scripts.md`) in its `# require:` lines, a Java test by `@Requirement`. The catalogue is
            `engine/src/test/resources/dev/toehold/tcp/requirements.tsv`: all of RFC 9293 (its own numbers) and what matters most of the
            others (named by clause). RULE is what an RFC prescribes in prose, without a key word.

            """;

    private final RequirementCatalogue catalogue;
    private final RequirementEvidence evidence;

    ComplianceReport(RequirementCatalogue catalogue, RequirementEvidence evidence) {
        this.catalogue = catalogue;
        this.evidence = evidence;
    }

    String render() {
        StringBuilder text = new StringBuilder(HEAD);
        text.append("| | all | shown | no test | not done |\n|---|---|---|---|---|\n");
        for (String level : List.of("MUST", "SHOULD", "MAY", "RULE")) {
            countLine(text, level, entry -> entry.level().equals(level));
        }
        countLine(text, "RFC 9293 alone, MUST", entry -> entry.rfc() == 9293 && entry.isMust());
        text.append("\n## MUSTs without a test\n\n");
        listUntested(text, Entry::isMust);
        text.append("\n## SHOULDs, MAYs and rules without a test\n\n");
        listUntested(text, entry -> !entry.isMust());
        text.append("\n## Not done, and why\n\n| requirement | level | what | why not |\n|---|---|---|---|\n");
        catalogue.entries().stream()
                .filter(entry -> !entry.isDone())
                .forEach(entry -> text.append("| %s | %s | %s | %s |\n"
                        .formatted(name(entry), entry.level(), entry.text(), entry.notDone())));
        tables(text);
        return text.toString();
    }

    private void countLine(StringBuilder text, String name, Predicate<Entry> of) {
        List<Entry> entries = catalogue.entries().stream().filter(of).toList();
        long notDone = entries.stream().filter(entry -> !entry.isDone()).count();
        long shown = entries.stream().filter(this::isShown).count();
        text.append("| %s | %d | %d | %d | %d |\n"
                .formatted(name, entries.size(), shown, entries.size() - shown - notDone, notDone));
    }

    private boolean isShown(Entry entry) {
        return !evidence.testsOf(entry).isEmpty();
    }

    private void listUntested(StringBuilder text, Predicate<Entry> of) {
        List<Entry> untested = catalogue.entries().stream()
                .filter(of)
                .filter(entry -> entry.isDone() && !isShown(entry))
                .toList();
        if (untested.isEmpty()) {
            text.append("None.\n");
        }
        untested.forEach(entry -> text.append("* %s (%s): %s\n".formatted(name(entry), entry.level(), entry.text())));
    }

    private static String name(Entry entry) {
        return "RFC " + entry.rfc() + " " + entry.id();
    }

    private void tables(StringBuilder text) {
        int rfc = 0;
        for (Entry entry : catalogue.entries()) {
            if (entry.rfc() != rfc) {
                rfc = entry.rfc();
                text.append("\n## RFC ")
                        .append(rfc)
                        .append("\n\n| requirement | level | clause | what | tests |\n")
                        .append("|---|---|---|---|---|\n");
            }
            text.append("| %s | %s | %s | %s | %s |\n"
                    .formatted(entry.id(), entry.level(), entry.clause(), entry.text(), tests(entry)));
        }
    }

    private String tests(Entry entry) {
        if (!entry.isDone()) {
            return "not done";
        }
        List<String> tests = evidence.testsOf(entry);
        if (tests.isEmpty()) {
            return "**none**";
        }
        String first = String.join(", ", tests.subList(0, Math.min(MAX_TESTS, tests.size())));
        return tests.size() > MAX_TESTS ? first + " and " + (tests.size() - MAX_TESTS) + " more" : first;
    }
}
