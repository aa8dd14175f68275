// SPDX-License-Identifier: Apache-2.0
package jpasst.config;

/**
 * Text for a manual page: what is between backquotes is bold and meant literally, what is between
 * asterisks is italic, and stands for something else.
 */
final class RoffText {
    /** Lines of the source of a page are not longer than this. */
    private static final int WIDTH = 78;

    private RoffText() {
    }

    /** A paragraph as lines, each ended by a newline. */
    static String of(String markup) {
        var text = new StringBuilder();
        boolean bold = false;
        boolean italic = false;
        for (int i = 0; i < markup.length(); i++) {
            char c = markup.charAt(i);
            if (c == '`') {
                bold = !bold;
                text.append(bold ? "\\fB" : "\\fR");
            } else if (c == '*' && !bold) {
                italic = !italic;
                text.append(italic ? "\\fI" : "\\fR");
            } else {
                append(text, c, bold);
            }
        }
        if (bold || italic) {
            throw new IllegalArgumentException("markup is not closed: " + markup);
        }
        return wrapped(text.toString());
    }

    /** One line of an example. */
    static String literal(String line) {
        var text = new StringBuilder();
        for (int i = 0; i < line.length(); i++) {
            append(text, line.charAt(i), true);
        }
        return protectedLine(text.toString());
    }

    /** What is literal can be copied from the page, with its dashes and quotes. */
    private static void append(StringBuilder text, char c, boolean literal) {
        switch (c) {
            case '\\' -> text.append("\\e");
            case '~' -> text.append("\\(ti");
            case '^' -> text.append("\\(ha");
            case '-' -> text.append(literal ? "\\-" : "-");
            case '\'' -> text.append(literal ? "\\(aq" : "'");
            default -> text.append(c);
        }
    }

    private static String wrapped(String text) {
        var lines = new StringBuilder();
        var line = new StringBuilder();
        for (var word : text.split(" ")) {
            if (!line.isEmpty() && line.length() + 1 + word.length() > WIDTH) {
                lines.append(protectedLine(line.toString())).append('\n');
                line.setLength(0);
            }
            line.append(line.isEmpty() ? "" : " ").append(word);
        }
        return lines.append(protectedLine(line.toString())).append('\n').toString();
    }

    /** A line that begins so would be a macro. */
    private static String protectedLine(String line) {
        return line.startsWith(".") || line.startsWith("'") ? "\\&" + line : line;
    }
}
