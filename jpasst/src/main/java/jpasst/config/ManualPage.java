// SPDX-License-Identifier: Apache-2.0
package jpasst.config;

import java.util.HashMap;
import java.util.HashSet;
import java.util.List;

/**
 * Makes the manual page in man(7) macros out of {@code docs/manual.md} and the option table.
 *
 * <p>The text has each option under a heading of its own with the long name only, in the groups of
 * the table; the other names, the value and what takes the option come from the table. Apart from
 * headings, it may have paragraphs, examples indented by four blanks, and lists of terms: an item
 * is a dash, the term, a colon and a blank, and what there is to say.
 */
final class ManualPage {
    private static final String NOT_YET = "Not in this release, which refuses it.";

    private final StringBuilder page = new StringBuilder();
    /** Lines of the paragraph or list item that is being read. */
    private final StringBuilder paragraph = new StringBuilder();
    private boolean item;
    private boolean example;
    /** The option under whose heading the text is, or null. */
    private Option option;
    /** Whether the next paragraph follows a heading, which makes a space already. */
    private boolean afterHeading;

    private ManualPage() {
    }

    /**
     * The page.
     *
     * @param source lines of {@code docs/manual.md}
     * @throws IllegalArgumentException if it has not just the options that the table has
     */
    static String of(List<String> source) {
        var manual = new ManualPage();
        manual.page.append(".\\\" SPDX-License-Identifier: Apache-2.0\n")
                .append(".\\\" Made from docs/manual.md and the option table.\n")
                .append(".TH PASST 1 ").append(date(source)).append(" \"jpasst ")
                .append(Version.NUMBER).append("\" \"User Commands\"\n");
        boolean begun = false;
        var seen = new HashSet<Option>();
        for (var line : source) {
            begun |= line.startsWith("## ");
            if (begun) {
                manual.line(line);
                seen.add(manual.option);
            }
        }
        manual.endParagraph();
        for (var option : Option.values()) {
            if (!seen.contains(option)) {
                throw new IllegalArgumentException("no text for --" + option.longName());
            }
        }
        return manual.page.toString();
    }

    private static String date(List<String> source) {
        for (var line : source) {
            if (line.startsWith("Date: ")) {
                return line.substring("Date: ".length());
            }
        }
        throw new IllegalArgumentException("no date");
    }

    private void line(String line) {
        if (line.startsWith("    ")) {
            example(line.substring(4));
            return;
        }
        if (example) {
            page.append(".EE\n.RE\n");
            example = false;
        }
        if (line.startsWith("#")) {
            endParagraph();
            heading(line);
        } else if (line.startsWith("- ")) {
            endParagraph();
            item = true;
            paragraph.append(line.substring(2));
        } else if (line.isEmpty()) {
            endParagraph();
        } else {
            paragraph.append(paragraph.isEmpty() ? "" : " ").append(line);
        }
    }

    private void heading(String line) {
        option = null;
        if (line.startsWith("#### --")) {
            option = named(line.substring("#### --".length()));
            page.append(".TP\n").append(synopsis(option)).append('\n');
        } else if (line.startsWith("### ")) {
            page.append(".SS ").append(line.substring(4)).append('\n');
        } else {
            page.append(".SH ").append(line.substring(3)).append('\n');
        }
        afterHeading = true;
    }

    private void example(String line) {
        endParagraph();
        if (!example) {
            page.append(".PP\n.RS 4\n.EX\n");
            example = true;
        }
        page.append(RoffText.literal(line)).append('\n');
    }

    private void endParagraph() {
        if (paragraph.isEmpty()) {
            return;
        }
        var text = paragraph.toString();
        paragraph.setLength(0);
        if (item) {
            int colon = text.indexOf(": ");
            page.append(".TP\n").append(RoffText.of(text.substring(0, colon)));
            page.append(RoffText.of(text.substring(colon + 2)));
            item = false;
        } else {
            if (!afterHeading) {
                page.append(option == null ? ".PP\n" : ".IP\n");
            }
            page.append(RoffText.of(text));
            if (option != null && option.support() == OptionSupport.NOT_YET) {
                page.append(RoffText.of(NOT_YET));
            }
        }
        afterHeading = false;
    }

    private static Option named(String name) {
        var names = new HashMap<String, Option>();
        for (var option : Option.values()) {
            names.put(option.longName(), option);
        }
        var option = names.get(name);
        if (option == null) {
            throw new IllegalArgumentException("no option is called --" + name);
        }
        return option;
    }

    /** Names and value of an option, and who takes it. */
    private static String synopsis(Option option) {
        var text = new StringBuilder();
        if (option.letter() != 0) {
            text.append("`-").append(option.letter()).append("`, ");
        }
        text.append("`--").append(option.longName()).append('`');
        if (option.takesValue()) {
            text.append(" *").append(option.placeholder()).append('*');
        }
        if (option.scope() != OptionScope.BOTH) {
            text.append(" (").append(option.scope().program()).append(" only)");
        }
        return RoffText.of(text.toString()).strip();
    }
}
