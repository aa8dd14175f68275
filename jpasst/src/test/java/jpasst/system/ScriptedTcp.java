// SPDX-License-Identifier: Apache-2.0

package jpasst.system;

import static jpasst.testing.FrameBuilder.ACK;
import static jpasst.testing.FrameBuilder.SYN;
import static jpasst.testing.FrameBuilder.frame;

import java.time.Duration;
import java.util.Arrays;

/**
 * One end of a TCP connection in a scripted guest: knows the addresses and what comes next in
 * either direction, and does nothing unless told to. MSS 1460, window scale 7.
 */
final class ScriptedTcp {
    static final int ISN = 1_000_000;
    private static final int WINDOW = 512;
    private static final byte[] SYN_OPTIONS = {2, 4, 0x05, (byte) 0xb4, 1, 3, 3, 7};

    private final SocketGuest guest;
    private final String source;
    private final String target;
    private final int sourcePort;
    private final int targetPort;
    private int sequence = ISN;
    private int acknowledgment;

    ScriptedTcp(SocketGuest guest, String source, int sourcePort, String target, int targetPort) {
        this.guest = guest;
        this.source = source;
        this.target = target;
        this.sourcePort = sourcePort;
        this.targetPort = targetPort;
    }

    /** The same connection, to go on with another client of passt's socket. */
    ScriptedTcp movedTo(SocketGuest other) {
        var moved = new ScriptedTcp(other, source, sourcePort, target, targetPort);
        moved.sequence = sequence;
        moved.acknowledgment = acknowledgment;
        return moved;
    }

    /** The next sequence number to be sent. */
    int sequence() {
        return sequence;
    }

    /** Opens the connection and returns the SYN+ACK that came. */
    Packet open() {
        segment(sequence, 0, SYN, SYN_OPTIONS);
        sequence++;
        var answer = awaitFlags("SYN+ACK", SYN | ACK);
        acknowledgment = answer.sequence() + 1;
        acknowledge();
        return answer;
    }

    /** Answers a SYN which came. */
    void accept(Packet syn) {
        acknowledgment = syn.sequence() + 1;
        segment(sequence, acknowledgment, SYN | ACK, SYN_OPTIONS);
        sequence++;
    }

    /** Sends data with this sequence number, remembering nothing. */
    void data(int at, String text) {
        guest.send(frame().ip(source, target).tcp(sourcePort, targetPort, at, acknowledgment,
                ACK, WINDOW).payload(text).bytes());
    }

    /** Sends the next data. */
    void data(String text) {
        data(sequence, text);
        sequence += text.length();
    }

    /** Acknowledges all that was received by {@link #receive}. */
    void acknowledge() {
        flags(ACK);
    }

    /** A segment without data; SYN and FIN count in what is sent next. */
    void flags(int flags) {
        segment(sequence, acknowledgment, flags);
        if ((flags & (SYN | 1)) != 0) sequence++;
    }

    /** A bare segment with these numbers, remembering nothing. */
    void segment(int at, int acknowledged, int flags, byte... options) {
        guest.send(frame().ip(source, target).tcp(sourcePort, targetPort, at, acknowledged,
                flags, WINDOW, options).bytes());
    }

    /** Waits for a segment with exactly these flags. */
    Packet awaitFlags(String what, int flags) {
        return guest.await(what, p -> isOurs(p) && p.tcpFlags() == flags);
    }

    /** Waits for a segment which acknowledges up to this number. */
    Packet awaitAcknowledgment(int number) {
        return guest.await("ACK of " + number,
                p -> isOurs(p) && p.hasFlag(ACK) && p.acknowledgment() == number);
    }

    /** Waits for the next segment with the data that is due; counts it, acknowledges nothing. */
    Packet receive() {
        var packet = guest.await("data at " + acknowledgment, p -> isOurs(p)
                && p.sequence() == acknowledgment && p.tcpPayload().length > 0);
        acknowledgment += packet.tcpPayload().length;
        return packet;
    }

    /** Receives so many bytes or more, acknowledging each segment. */
    byte[] receive(int length) {
        var all = new byte[0];
        while (all.length < length) {
            var part = receive().tcpPayload();
            acknowledge();
            all = Arrays.copyOf(all, all.length + part.length);
            System.arraycopy(part, 0, all, all.length - part.length, part.length);
        }
        return all;
    }

    /** Waits for FIN, behind all data, and counts it. */
    void awaitFin() {
        guest.await("FIN", p -> isOurs(p) && p.hasFlag(1)
                && p.sequence() + p.tcpPayload().length == acknowledgment);
        acknowledgment++;
    }

    /** The next segment of this connection within a time, if any. */
    Packet poll(Duration limit) {
        return guest.poll(limit, this::isOurs);
    }

    private boolean isOurs(Packet packet) {
        return packet.isTo(Packet.TCP, sourcePort) && packet.sourcePort() == targetPort;
    }
}
