using System.Globalization;
using System.Text.Json;

namespace VoiceWorker.Tests.Repository.Contracts;

/// <summary>
/// What the worker refuses and a schema cannot: a number written 42.0 is the integer 42 to a schema, an object that has a field
/// twice has it once, half a pair of surrogates is a character, and 0001 and 9999 are years like any other.
/// </summary>
internal static class Unsayable
{
    public static bool IsNot(string text)
    {
        // A mark of the encoding, no part of the text.
        if (text.StartsWith('\ufeff'))
            return false;
        try
        {
            using var json = JsonDocument.Parse(text);
            return IsNot(json.RootElement);
        }
        catch (JsonException)
        {
            return true;
        }
        catch (InvalidOperationException)
        {
            // Half a pair of surrogates, in a name or a value.
            return false;
        }
    }

    private static bool IsNot(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.Number => value.GetRawText().All(character => character is '-' || char.IsAsciiDigit(character)),
        JsonValueKind.String => !IsEdgeOfTime(value.GetString()!),
        JsonValueKind.Array => value.EnumerateArray().All(IsNot),
        JsonValueKind.Object => value.EnumerateObject().All(field => IsNot(field.Value))
            && value.EnumerateObject().DistinctBy(field => field.Name).Count() == value.EnumerateObject().Count(),
        _ => true,
    };

    private static bool IsEdgeOfTime(string text) => text.Length > 4 && text[4] == '-'
        && int.TryParse(text[..4], NumberStyles.None, CultureInfo.InvariantCulture, out var year) && year is < 2 or > 9998;
}
