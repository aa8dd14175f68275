// SPDX-License-Identifier: Apache-2.0
package jpasst.listen;

import static org.junit.jupiter.api.Assertions.assertFalse;

import java.util.ArrayList;
import java.util.List;

import jpasst.addr.IpAddress;
import jpasst.flow.Pif;
import jpasst.forward.ForwardRule;
import jpasst.forward.RuleTable;
import jpasst.forward.Rules;
import jpasst.linux.Sockets;
import jpasst.log.Log;
import jpasst.metrics.Counters;

/**
 * The real {@link PortForwarding} between two simulated spaces, all ports automatic in both
 * directions. Whenever it turns to the kernel something else may happen before.
 */
final class SimulatedPasta implements SocketMaker, BoundPorts {
    static final int LAST_PORT = 200;

    private final SimulatedSpaces spaces;
    private final int hostSpace;
    private final int innerSpace;
    private final String name;
    private final Runnable meanwhile;
    private final PortForwarding forwarding;
    /** Whether nothing happens meanwhile. */
    private boolean undisturbed;

    /** @param address where to listen on the host, null for any */
    SimulatedPasta(SimulatedSpaces spaces, int hostSpace, int innerSpace, IpAddress address,
            Runnable meanwhile) {
        this.spaces = spaces;
        this.hostSpace = hostSpace;
        this.innerSpace = innerSpace;
        this.meanwhile = meanwhile;
        name = "pasta " + hostSpace + "-" + innerSpace;
        forwarding = new PortForwarding(this, this, new Counters(),
                new Log((level, elapsedNs, text) -> { }));
        forwarding.start(new Rules(table(address), table(null)), 0);
    }

    private static RuleTable table(IpAddress address) {
        List<ForwardRule> rules = new ArrayList<>();
        for (int protocol : new int[] {Sockets.IPPROTO_TCP, Sockets.IPPROTO_UDP}) {
            rules.add(new ForwardRule(protocol, address, null, 1, LAST_PORT, 1, null, true, true));
        }
        return new RuleTable(rules);
    }

    void run(long nowNs, boolean undisturbed) {
        this.undisturbed = undisturbed;
        forwarding.run(nowNs);
    }

    /** Whether it listens on the same port on both sides: what comes in would go round. */
    boolean isLoop() {
        for (int protocol : new int[] {Sockets.IPPROTO_TCP, Sockets.IPPROTO_UDP}) {
            for (int port = 1; port <= LAST_PORT; port++) {
                if (spaces.isBoundBy(this, hostSpace, protocol, port)
                        && spaces.isBoundBy(this, innerSpace, protocol, port)) {
                    return true;
                }
            }
        }
        return false;
    }

    private int space(Pif pif) {
        return pif == Pif.HOST ? hostSpace : innerSpace;
    }

    @Override
    public void read(Pif pif, int protocol, PortSet ports) {
        meanwhile.run();
        spaces.read(space(pif), protocol, ports);
    }

    @Override
    public long bytesRead() {
        return 0;
    }

    @Override
    public int open(Pif pif, int index, ForwardRule rule, int port) {
        meanwhile.run();
        int space = space(pif);
        boolean shared = spaces.isBound(space, rule.protocol(), port);
        int fd = spaces.open(space, rule.protocol(), rule.address(), port, true, this);
        if (undisturbed && rule.address() == null) {
            assertFalse(shared && fd >= 0, "took another's port " + port);
        }
        return fd;
    }

    @Override
    public void retag(int fd, Pif pif, int index, ForwardRule rule, int port) {
    }

    @Override
    public void pause(int fd) {
    }

    @Override
    public void resume(int fd, Pif pif, int index, ForwardRule rule, int port) {
    }

    @Override
    public void close(int fd) {
        spaces.close(fd);
    }

    @Override
    public String toString() {
        return name;
    }
}
