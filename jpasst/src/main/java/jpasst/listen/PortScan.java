// SPDX-License-Identifier: Apache-2.0
package jpasst.listen;

import jpasst.flow.Pif;
import jpasst.linux.Sockets;

/**
 * Looks at which ports are bound on the host and in the namespace.
 *
 * <p>TCP's listening sockets are asked for by sock_diag, which takes tens of microseconds. Where
 * that cannot be had they are read from {@code /proc/net/tcp}: they come first there (kernel
 * documentation, proc_net_tcp), so reading stops behind them; but before the kernel says that no
 * connection follows it has searched its whole table of them, of which a large machine has half
 * a million slots: 2 ms for each call. UDP's list is read to the end. Loop thread only; nothing
 * allocates.
 */
public final class PortScan implements BoundPorts {
    /** The state of a UDP socket that has no peer: it takes datagrams from anybody. */
    private static final int UDP_UNCONNECTED = Sockets.TCP_CLOSE;

    private final ProcNetFiles host;
    private final ProcNetFiles inside;
    private final ProcNetReader reader = new ProcNetReader();
    private final ListeningPorts listening = new ListeningPorts();
    private final PortSet found = new PortSet();

    /**
     * Looks at these two.
     *
     * @param host opened by a thread on the host
     * @param inside opened by a thread inside the namespace
     */
    public PortScan(ProcNetFiles host, ProcNetFiles inside) {
        this.host = host;
        this.inside = inside;
    }

    /** Without sock_diag, as on kernels that lack it. */
    void readFilesOnly(Pif pif, PortSet ports) {
        ProcNetFiles files = pif == Pif.HOST ? host : inside;
        found.clear();
        if (read(files.tcp4(), files.tcp6(), Sockets.TCP_LISTEN, true)) {
            ports.copyFrom(found);
        }
    }

    @Override
    public void read(Pif pif, int protocol, PortSet ports) {
        ProcNetFiles files = pif == Pif.HOST ? host : inside;
        found.clear();
        boolean complete = protocol == Sockets.IPPROTO_TCP
                ? listening.read(files.diagnosis(), found)
                        || read(files.tcp4(), files.tcp6(), Sockets.TCP_LISTEN, true)
                : read(files.udp4(), files.udp6(), UDP_UNCONNECTED, false);
        if (complete) {
            ports.copyFrom(found);
        }
    }

    private boolean read(int v4, int v6, int state, boolean sorted) {
        return reader.read(v4, state, sorted, found)
                && (v6 < 0 || reader.read(v6, state, sorted, found));
    }

    @Override
    public long bytesRead() {
        return reader.bytesRead() + listening.bytesRead();
    }
}
