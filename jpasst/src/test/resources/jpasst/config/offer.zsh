# SPDX-License-Identifier: Apache-2.0
# Prints what zsh offers when the tabulator key is pressed at the end of a line, one to a line.
# Usage: zsh -f offer.zsh DIRECTORY LINE, where DIRECTORY has the completion function. What zsh
# finds in all directories is kept in DIRECTORY.list for the next time.
zmodload zsh/zpty
zpty shell zsh -f -i
setup() {
    zpty -w shell "$1"
}
setup 'PS1= PS2= PROMPT_EOL_MARK=; stty -echo'
setup "fpath=($1 \$fpath); autoload -Uz compinit; compinit -C -d $1.list"
setup 'compadd() {
    local -a offered
    if [[ ${@[1,(i)(-|--)]} == *-(O|A|D)" "* ]]; then
        builtin compadd "$@"
        return
    fi
    builtin compadd -A offered "$@"
    print -r -l -- "<"${^offered}">"
    builtin compadd "$@"
}'
setup 'finish() { print -r -- "<end>"; exit }'
setup 'begin() { comppostfuncs=(finish) }; compprefuncs=(begin)'
setup 'print "<"ready">"'
text=
until [[ $text == *'<ready>'* ]] { zpty -r shell part || exit 1; text+=$part }
zpty -w -n shell "$2"$'\t'
text=
until [[ $text == *'<end>'* ]] { zpty -r shell part || break; text+=$part }
print -r -- "$text" | tr -d '\r' | sed -n 's/.*<\(.*\)>.*/\1/p' | grep -vx end
exit 0
