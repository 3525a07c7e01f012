using VoiceWorker.Boot;

namespace VoiceWorker.Verbs.Shell;

/// <summary>Settings on the command line: <c>--Section:Name value</c> or <c>--Section:Name=value</c>, and
/// <c>--urls</c>.</summary>
internal static class SettingArguments
{
    /// <summary>Passes only what can be a setting.</summary>
    /// <param name="tokens">What the verb did not know.</param>
    /// <param name="known">Names of the verb that may have been meant instead.</param>
    /// <exception cref="SettingsException">One of them cannot be a setting.</exception>
    public static string[] Check(IReadOnlyList<string> tokens, params string[] known)
    {
        for (var i = 0; i < tokens.Count; i++)
        {
            if (!IsSetting(tokens[i]))
            {
                var name = WithoutValue(tokens[i]);
                throw new SettingsException($"'{name}' is not known{Spelling.DidYouMean(name, known)}; "
                    + "settings look like --Voices:Default=ash, verbs are shown by --help");
            }

            if (!tokens[i].Contains('=', StringComparison.Ordinal) && ++i == tokens.Count)
                throw new SettingsException($"'{tokens[i - 1]}' needs a value");
        }

        return [.. tokens];
    }

    // What was meant as a value can be a secret.
    private static string WithoutValue(string token) =>
        token.Split(token.StartsWith("--", StringComparison.Ordinal) ? ['='] : ['=', ':'], 2)[0];

    private static bool IsSetting(string token)
    {
        if (!token.StartsWith("--", StringComparison.Ordinal))
            return false;
        var name = token[2..].Split('=', 2)[0];
        return name.Equals("urls", StringComparison.OrdinalIgnoreCase) || (name.Contains(':', StringComparison.Ordinal)
            && (SettingSections.Types.ContainsKey(name.Split(':', 2)[0])
                || name.StartsWith("Logging:", StringComparison.OrdinalIgnoreCase)));
    }
}
