using System.Globalization;
using System.Text;

namespace Nutanix.Prism.Simulator.Query;

internal enum FilterTokenKind
{
    Name,
    Literal,
    Symbol,
    End,
}

/// <param name="Kind">What it is.</param>
/// <param name="Text">Its text; for names the identifier.</param>
/// <param name="Value">The value of a literal.</param>
/// <param name="Position">Index of its first character.</param>
internal readonly record struct FilterToken(FilterTokenKind Kind, string Text, object? Value, int Position);

/// <summary>Cuts a <c>$filter</c> into names, literals and the symbols <c>( ) , : /</c>.</summary>
internal static class FilterLexer
{
    public static List<FilterToken> Read(string text)
    {
        var tokens = new List<FilterToken>();
        var at = 0;
        while (at < text.Length)
        {
            var c = text[at];
            if (char.IsWhiteSpace(c))
            {
                at++;
            }
            else if (c is '(' or ')' or ',' or ':' or '/')
            {
                tokens.Add(new(FilterTokenKind.Symbol, c.ToString(), null, at));
                at++;
            }
            else if (c == '\'')
            {
                var start = at;
                tokens.Add(new(FilterTokenKind.Literal, "text", Quoted(text, ref at), start));
            }
            else if (char.IsAsciiDigit(c) || (c == '-' && at + 1 < text.Length && char.IsAsciiDigit(text[at + 1])))
            {
                tokens.Add(Number(text, ref at));
            }
            else if (char.IsLetter(c) || c is '_' or '$')
            {
                tokens.Add(Name(text, ref at));
            }
            else
            {
                throw Error($"unexpected character '{c}'", at);
            }
        }

        tokens.Add(new(FilterTokenKind.End, "the end", null, text.Length));
        return tokens;
    }

    public static QueryException Error(string message, int position) =>
        new("$filter", string.Create(CultureInfo.InvariantCulture, $"Cannot parse $filter: {message} at position {position}."));

    private static string Quoted(string text, ref int at)
    {
        var start = at++;
        var value = new StringBuilder();
        while (at < text.Length)
        {
            if (text[at] != '\'')
            {
                value.Append(text[at++]);
            }
            else if (at + 1 < text.Length && text[at + 1] == '\'')
            {
                value.Append('\'');
                at += 2;
            }
            else
            {
                at++;
                return value.ToString();
            }
        }

        throw Error("a string literal has no closing quote", start);
    }

    /// <summary>A number, a date-time or a bare UUID: all begin with a digit and go on to the next separator.</summary>
    private static FilterToken Number(string text, ref int at)
    {
        var start = at;
        while (at < text.Length && (char.IsAsciiLetterOrDigit(text[at]) || text[at] is '-' or '+' or '.' or ':')) at++;
        var word = text[start..at];
        if (decimal.TryParse(word, NumberStyles.Float, CultureInfo.InvariantCulture, out var number))
        {
            return new(FilterTokenKind.Literal, word, number, start);
        }

        if (DateTimeOffset.TryParse(word, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var time) && word.Contains('T'))
        {
            return new(FilterTokenKind.Literal, word, time, start);
        }

        throw Error($"'{word}' is neither a number nor a date-time; text needs single quotes", start);
    }

    /// <summary>An identifier, or an enumeration literal <c>Namespace.Type'VALUE'</c>.</summary>
    private static FilterToken Name(string text, ref int at)
    {
        var start = at;
        while (at < text.Length && (char.IsLetterOrDigit(text[at]) || text[at] is '_' or '.' or '$' or '-')) at++;
        var word = text[start..at];
        if (at < text.Length && text[at] == '\'' && word.Contains('.')) return new(FilterTokenKind.Literal, word, Quoted(text, ref at), start);
        return word switch
        {
            "true" => new(FilterTokenKind.Literal, word, true, start),
            "false" => new(FilterTokenKind.Literal, word, false, start),
            "null" => new(FilterTokenKind.Literal, word, null, start),
            _ => new(FilterTokenKind.Name, word, null, start),
        };
    }
}
