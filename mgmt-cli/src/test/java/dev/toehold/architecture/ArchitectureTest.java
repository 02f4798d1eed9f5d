package dev.toehold.architecture;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.methods;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.domain.JavaMethodCall;
import com.tngtech.archunit.core.domain.JavaModifier;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.lang.ArchRule;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The dependency and access rules of docs/architecture.md, over the production classes of all modules that this one sees. */
class ArchitectureTest {
    private static JavaClasses classes;

    @BeforeAll
    static void readClasses() {
        classes = new ClassFileImporter()
                .withImportOption(new ImportOption.DoNotIncludeTests())
                .importPackages("dev.toehold");
        // A rule over no classes holds; each module must be there.
        for (String module : List.of("ffi.linux", "ffi.dpdk", "abi", "client", "net", "tcp", "stack", "port", "cli")) {
            assertTrue(
                    classes.stream().anyMatch(c -> c.getPackageName().equals("dev.toehold." + module)),
                    "no classes of dev.toehold." + module);
        }
    }

    /** Ours that a package may use, besides itself: "-" is nothing. */
    @ParameterizedTest
    @CsvSource({
        "dev.toehold.ffi.linux, -",
        "dev.toehold.ffi.dpdk,  dev.toehold.ffi.linux",
        "dev.toehold.abi,       -",
        "dev.toehold.client,    dev.toehold.abi;dev.toehold.ffi.linux",
        "dev.toehold.net,       -",
        "dev.toehold.tcp,       dev.toehold.net",
        "dev.toehold.engine.config, dev.toehold.net;dev.toehold.tcp;dev.toehold.ffi.linux",
        "dev.toehold.cli.serve, -",
    })
    void shouldUseOnlyWhatItMay(String packageName, String allowed) {
        List<String> mayUse = new ArrayList<>(List.of(allowed.split(";", -1)));
        mayUse.add(packageName);
        noClasses()
                .that()
                .resideInAPackage(packageName)
                .should()
                .dependOnClassesThat(new DescribedPredicate<>("are Toehold's, but none of " + mayUse) {
                    @Override
                    public boolean test(JavaClass used) {
                        return used.getPackageName().startsWith("dev.toehold.")
                                && !mayUse.contains(used.getPackageName());
                    }
                })
                .check(classes);
    }

    @Test
    void shouldKeepTheEngineIndependentOfTheClientLibraryAndOfTools() {
        noClasses()
                .that()
                .resideInAnyPackage(
                        "dev.toehold.stack..",
                        "dev.toehold.port..",
                        "dev.toehold.placement..",
                        "dev.toehold.slowpath..",
                        "dev.toehold.session..",
                        "dev.toehold.control..",
                        "dev.toehold.engine..")
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage("dev.toehold.client..", "dev.toehold.cli..")
                .check(classes);
    }

    @Test
    void shouldKeepTheCorePure() {
        noClasses()
                .that()
                .resideInAnyPackage("dev.toehold.tcp..", "dev.toehold.net..")
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage(
                        "java.io..",
                        "java.nio.channels..",
                        "java.nio.file..",
                        "java.util.concurrent..",
                        "java.time..",
                        "java.util.random..",
                        "org.slf4j..")
                .orShould()
                .callMethod(System.class, "nanoTime")
                .orShould()
                .callMethod(System.class, "currentTimeMillis")
                .check(classes);
    }

    @Test
    void shouldReinterpretMemoryOnlyInTheBindings() {
        ArchRule rule = noClasses()
                .that()
                .resideOutsideOfPackage("dev.toehold.ffi..")
                .should()
                .callMethodWhere(new DescribedPredicate<>("target is MemorySegment.reinterpret") {
                    @Override
                    public boolean test(JavaMethodCall call) {
                        return call.getTarget().getName().equals("reinterpret")
                                && call.getTarget().getOwner().isAssignableTo(MemorySegment.class);
                    }
                });
        rule.check(classes);
        // The rule sees such calls: the bindings make them.
        assertTrue(classes.stream()
                .filter(c -> c.getPackageName().startsWith("dev.toehold.ffi"))
                .flatMap(c -> c.getMethodCallsFromSelf().stream())
                .anyMatch(call -> call.getTarget().getName().equals("reinterpret")));
    }

    @Test
    void shouldTouchClientMemoryOnlyInPlacementAndSession() {
        noClasses()
                .that()
                // A rehearsal's region is its own memory, no client's.
                .resideOutsideOfPackages(
                        "dev.toehold.placement..",
                        "dev.toehold.session..",
                        "dev.toehold.control..",
                        "dev.toehold.engine.rehearsal..")
                .should()
                .dependOnClassesThat()
                .haveFullyQualifiedName("dev.toehold.placement.Region")
                .check(classes);
    }

    @Test
    void shouldNotAskUsersOfTheClientForAgronaOrLogging() {
        noClasses()
                .that()
                .resideInAnyPackage("dev.toehold.client..", "dev.toehold.abi..", "dev.toehold.ffi..")
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage("org.agrona..", "org.slf4j..", "tools.jackson..", "io.micrometer..")
                .check(classes);
    }

    @Test
    void shouldNotUseJavaUtilLogging() {
        noClasses()
                .should()
                .dependOnClassesThat()
                .resideInAPackage("java.util.logging..")
                .check(classes);
    }

    @Test
    void shouldHaveNativeMethodsNowhere() {
        // Everything native goes through java.lang.foreign: there is no shim.
        methods().should().notHaveModifier(JavaModifier.NATIVE).check(classes);
        assertFalse(classes.isEmpty());
    }
}
