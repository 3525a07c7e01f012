using System.Reflection;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace VoiceWorker.Persistence;

/// <summary>
/// The name of an enum's value in JSON, in the database, in metrics and on screens: what
/// <see cref="JsonStringEnumMemberNameAttribute"/> says, or else its name in camelCase.
/// </summary>
public static class WireName
{
    /// <summary>The name of a value.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The enum has no such value.</exception>
    public static string Of<T>(T value) where T : struct, Enum =>
        Array.IndexOf(Names<T>.Values, value) is >= 0 and var place
            ? Names<T>.Texts[place] : throw new ArgumentOutOfRangeException(nameof(value), value, null);

    /// <summary>The value of a name.</summary>
    /// <param name="column">Where the name was read, for the error.</param>
    /// <param name="name">As written.</param>
    /// <exception cref="FormatException">The enum has no value of that name.</exception>
    public static T Parse<T>(string column, string name) where T : struct, Enum =>
        Array.IndexOf(Names<T>.Texts, name) is >= 0 and var place
            ? Names<T>.Values[place] : throw new FormatException($"{column} is \"{name}\"");

    // Arrays, which are searched: the code of a dictionary would be compiled anew for each enum at each start.
    private static class Names<T> where T : struct, Enum
    {
        public static readonly T[] Values = Enum.GetValues<T>();
        public static readonly string[] Texts = Array.ConvertAll(Values, NameOf);

        private static string NameOf(T value) => typeof(T).GetField(value.ToString())
            ?.GetCustomAttribute<JsonStringEnumMemberNameAttribute>()?.Name
            ?? JsonNamingPolicy.CamelCase.ConvertName(value.ToString());
    }
}
