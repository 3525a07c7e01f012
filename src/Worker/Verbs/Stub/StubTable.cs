using System.Collections.Concurrent;
using System.Globalization;
using System.Text.Json;
using VoiceWorker.Contracts.Validation;
using VoiceWorker.Persistence;
using VoiceWorker.Verbs.Shell;
using VoiceWorker.Voices;

namespace VoiceWorker.Verbs.Stub;

/// <summary>What businesses have stored, in the place of the database; changes are made to it.</summary>
internal sealed class StubTable
{
    private const string Others = "*";

    private readonly ConcurrentDictionary<int, string?> _stored = [];
    private bool _hasOthers;
    private string? _others;

    /// <summary>How many businesses it names, for people.</summary>
    public override string ToString() =>
        $"{_stored.Count} {(_stored.Count == 1 ? "business" : "businesses")}{(_hasOthers ? " and all others" : "")}";

    /// <summary>From a file, and from words, which come later and win.</summary>
    /// <exception cref="SettingsException">An entry is none; says which and what would be right.</exception>
    public static StubTable Read(FileInfo? file, IEnumerable<string> words)
    {
        var table = new StubTable();
        foreach (var (business, voice) in file is null ? [] : ReadFile(file))
            table.Add(business, voice);
        foreach (var word in words)
        {
            if (word.Split('=', 2) is not [var business, var voice])
                throw new SettingsException($"'{PeerText.Line(word)}' is no entry of the table, such as 42=sage.");
            table.Add(business, voice.Length == 0 ? null : voice);
        }

        return table;
    }

    /// <summary>What is stored for a business.</summary>
    public StoredVoice Of(int businessId) =>
        _stored.TryGetValue(businessId, out var voice) ? new(true, voice) : new(_hasOthers, _others);

    /// <summary>A change was made.</summary>
    public void Set(int businessId, string voiceId) => _stored[businessId] = voiceId;

    private void Add(string business, string? voice)
    {
        if (voice is not null && !ContractSyntax.IsVoiceId(voice))
        {
            throw new SettingsException($"The voice of business {PeerText.Line(business)} needs "
                + $"1–{ContractRules.MaxVoiceIdLength} printable characters.");
        }

        if (business == Others)
            (_hasOthers, _others) = (true, voice);
        else if (int.TryParse(business, NumberStyles.None, CultureInfo.InvariantCulture, out var id) && id > 0)
            _stored[id] = voice;
        else
            throw new SettingsException(
                $"'{PeerText.Line(business)}' is no business: 1 to {int.MaxValue}, or {Others}.");
    }

    private static Dictionary<string, string?> ReadFile(FileInfo file)
    {
        try
        {
            return JsonSerializer.Deserialize<Dictionary<string, string?>>(File.ReadAllBytes(file.FullName)) ?? [];
        }
        catch (JsonException failure)
        {
            throw new SettingsException($"{file.Name} must be an object of business and voice, such as "
                + $"{{\"42\": \"sage\"}}; line {failure.LineNumber + 1} is not.");
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            throw new SettingsException($"{file.Name} cannot be read: {failure.Message}");
        }
    }
}
