# SPDX-License-Identifier: Apache-2.0
# Prints what bash offers when the tabulator key is pressed at the end of a line, one to a line.
# Usage: bash offer.bash SCRIPT LINE, where SCRIPT is the completion of the line's program.
. "$1"
line=$2
COMP_LINE=$line COMP_POINT=${#line} COMP_WORDS=() word= kind=
# Readline takes "=" and ":" for words of their own.
for ((i = 0; i < ${#line}; i++)); do
    character=${line:i:1}
    case $character in
        ' ') next=blank ;;
        [=:]) next=break ;;
        *) next=word ;;
    esac
    if [[ $kind != "$next" && -n $word ]]; then
        COMP_WORDS+=("$word")
        word=
    fi
    kind=$next
    [[ $next == blank ]] || word+=$character
done
COMP_WORDS+=("$word")
COMP_CWORD=$((${#COMP_WORDS[@]} - 1))
"_jpasst_${COMP_WORDS[0]}"
printf '%s\n' "${COMPREPLY[@]}"
