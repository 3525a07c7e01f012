namespace VoiceWorker.Persistence;

/// <summary>An event is of a type that this version does not have: a newer one has recorded it. It stays where it is,
/// its page and all behind it wait for that version.</summary>
/// <param name="place">Which event, with its id.</param>
/// <param name="type">As it is kept.</param>
public sealed class UnknownEventException(string place, string type) : Exception(Text(place, type))
{
    /// <summary>What an operator is to know of it.</summary>
    /// <param name="place">Which event, with its id.</param>
    /// <param name="type">As it is kept.</param>
    internal static string Text(string place, string type) =>
        $"{place} is of the type {type}, which this version of the worker does not know: a newer version has recorded "
        + "it, and goes on with it";
}
