package io.cleave.house;

import com.tngtech.archunit.core.domain.Dependency;
import com.tngtech.archunit.core.domain.JavaClass;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Function;

/** What depends on what, by name, and the cycles in it. */
final class DependencyGraph {
    private final Map<String, Set<String>> targets;

    DependencyGraph(Map<String, Set<String>> targets) {
        this.targets = targets;
    }

    /** Over the given classes alone; {@code nameOf} says what a class is counted as, such as its package. */
    static DependencyGraph of(Collection<JavaClass> classes, Function<JavaClass, String> nameOf) {
        Map<String, Set<String>> targets = new TreeMap<>();
        classes.forEach(type -> targets.put(nameOf.apply(type), new TreeSet<>()));
        for (JavaClass type : classes) {
            for (Dependency dependency : type.getDirectDependenciesFromSelf()) {
                String name = nameOf.apply(dependency.getTargetClass().getBaseComponentType());
                if (targets.containsKey(name)) {
                    targets.get(nameOf.apply(type)).add(name);
                }
            }
        }
        return new DependencyGraph(targets);
    }

    /** A class as its source file: nested ones count as the outermost. */
    static String typeOf(JavaClass type) {
        int nested = type.getName().indexOf('$');
        return nested < 0 ? type.getName() : type.getName().substring(0, nested);
    }

    /** What one depends on. */
    Set<String> targets(String name) {
        return targets.get(name);
    }

    /** Groups of two or more that all reach each other, the largest first; each in alphabetical order. */
    List<List<String>> cycles() {
        List<List<String>> cycles = new Search().run();
        cycles.sort((one, other) -> Integer.compare(other.size(), one.size()));
        return cycles;
    }

    /** Tarjan's strongly connected components. */
    private final class Search {
        private final Map<String, Integer> order = new HashMap<>();
        private final Map<String, Integer> lowest = new HashMap<>();
        private final Deque<String> open = new ArrayDeque<>();
        private final List<List<String>> found = new ArrayList<>();

        List<List<String>> run() {
            for (String name : targets.keySet()) {
                if (!order.containsKey(name)) {
                    visit(name);
                }
            }
            return found;
        }

        private void visit(String name) {
            int number = order.size();
            order.put(name, number);
            lowest.put(name, number);
            open.push(name);
            for (String target : targets.get(name)) {
                if (!order.containsKey(target)) {
                    visit(target);
                    lowest.merge(name, lowest.get(target), Math::min);
                } else if (open.contains(target)) {
                    lowest.merge(name, order.get(target), Math::min);
                }
            }
            if (lowest.get(name) == number) {
                close(name);
            }
        }

        private void close(String first) {
            TreeSet<String> group = new TreeSet<>();
            do {
                group.add(open.peek());
            } while (!open.pop().equals(first));
            if (group.size() > 1) {
                found.add(List.copyOf(group));
            }
        }
    }
}
