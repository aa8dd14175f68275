// SPDX-License-Identifier: Apache-2.0
package jpasst.netlink;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import jpasst.addr.Ip;
import jpasst.addr.MacAddress;

/** Writes down what it is told, and keeps a table as told. */
final class NeighborRecorder implements NeighborListener {
    /** As told, interface by interface: "INDEX ADDRESS" and the MAC address. */
    final Map<String, String> table = new TreeMap<>();
    int dumpsBegun;
    int dumpsEnded;
    private final Map<String, String> dumped = new TreeMap<>();
    private final List<String> told = new ArrayList<>();

    /** What was told since the last call, a line each. */
    List<String> drain() {
        var lines = List.copyOf(told);
        told.clear();
        return lines;
    }

    @Override
    public void neighbor(int index, long high, long low, long mac) {
        var key = index + " " + Ip.text(high, low);
        var value = mac == NO_MAC ? "none" : MacAddress.text(mac);
        told.add(key + " " + value);
        if (mac == NO_MAC) {
            table.remove(key);
            dumped.remove(key);
        } else {
            table.put(key, value);
            dumped.put(key, value);
        }
    }

    @Override
    public void dumpBegins() {
        dumpsBegun++;
        dumped.clear();
    }

    @Override
    public void dumpEnds(boolean complete) {
        dumpsEnded++;
        if (complete) table.keySet().retainAll(dumped.keySet());
    }
}
