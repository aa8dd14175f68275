// SPDX-License-Identifier: Apache-2.0
package jpasst.listen;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.Set;
import java.util.TreeSet;

import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;

class PortSetTest {
    private static PortSet of(Set<Integer> ports) {
        var set = new PortSet();
        ports.forEach(set::add);
        return set;
    }

    private static Set<Integer> content(PortSet set) {
        var ports = new TreeSet<Integer>();
        for (int port = set.next(0); port >= 0; port = set.next(port + 1)) {
            ports.add(port);
        }
        return ports;
    }

    @Property
    void isTheSetItClaimsToBe(@ForAll @Size(max = 40) Set<@IntRange(max = 65535) Integer> one,
            @ForAll @Size(max = 40) Set<@IntRange(max = 65535) Integer> two) {
        var union = new TreeSet<>(one);
        union.addAll(two);
        var set = of(one);
        set.addAll(of(two));
        assertEquals(union, content(set));
        union.removeAll(one);
        set.removeAll(of(one));
        assertEquals(union, content(set));
        for (int port : union) set.remove(port);
        assertEquals(Set.of(), content(set));
        set.copyFrom(of(one));
        assertEquals(new TreeSet<>(one), content(set));
        for (int port : two) assertEquals(one.contains(port), set.contains(port));
        set.clear();
        assertEquals("", set.toString());
    }
}
