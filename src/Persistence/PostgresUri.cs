using Npgsql;

namespace VoiceWorker.Persistence;

/// <summary><c>postgresql://user:password@host:port/database?sslmode=require</c>, as libpq, SQLAlchemy and hosting
/// providers write it, in the words of Npgsql.</summary>
public static class PostgresUri
{
    private static readonly Dictionary<string, string> Keywords = new(StringComparer.OrdinalIgnoreCase)
    {
        ["user"] = "Username", ["password"] = "Password", ["dbname"] = "Database", ["host"] = "Host", ["port"] = "Port",
        ["sslmode"] = "SSL Mode", ["ssl"] = "SSL Mode", ["sslrootcert"] = "Root Certificate",
        ["sslcert"] = "SSL Certificate", ["sslkey"] = "SSL Key", ["sslpassword"] = "SSL Password",
        ["sslnegotiation"] = "SSL Negotiation", ["channel_binding"] = "Channel Binding",
        ["gssencmode"] = "GSS Encryption Mode", ["require_auth"] = "Require Auth", ["passfile"] = "Passfile",
        ["krbsrvname"] = "Kerberos Service Name", ["connect_timeout"] = "Timeout", ["options"] = "Options",
        ["application_name"] = "Application Name", ["client_encoding"] = "Client Encoding",
        ["target_session_attrs"] = "Target Session Attributes", ["load_balance_hosts"] = "Load Balance Hosts",
        ["keepalives"] = "TCP Keepalive", ["keepalives_idle"] = "TCP Keepalive Time",
        ["keepalives_interval"] = "TCP Keepalive Interval",
    };

    /// <summary>A URI in Npgsql's keywords; anything else as it is.</summary>
    /// <exception cref="ArgumentException">It is not valid; the message says what is wrong, and never quotes a
    /// value.</exception>
    public static string ToKeywords(string text)
    {
        var scheme = text.IndexOf("://", StringComparison.Ordinal);
        // SQLAlchemy names its driver: postgresql+psycopg2://.
        if (scheme < 0 || text[..scheme].Split('+')[0].ToLowerInvariant() is not ("postgresql" or "postgres"))
            return text;
        var (address, query) = Cut(text[(scheme + 3)..], '?');
        var (authority, database) = Cut(address, '/');
        var at = authority.LastIndexOf('@');
        var built = new NpgsqlConnectionStringBuilder();
        AddUser(built, at < 0 ? "" : authority[..at]);
        AddHosts(built, authority[(at + 1)..]);
        if (database.Length > 0)
            built.Database = Decode(database);
        foreach (var parameter in query.Split('&', StringSplitOptions.RemoveEmptyEntries))
            AddParameter(built, parameter);
        built.Database ??= built.Username;
        return built.ConnectionString;
    }

    private static void AddUser(NpgsqlConnectionStringBuilder built, string user)
    {
        var (name, password) = Cut(user, ':');
        if (name.Length > 0)
            built.Username = Decode(name);
        if (password.Length > 0)
            built.Password = Decode(password);
    }

    private static void AddHosts(NpgsqlConnectionStringBuilder built, string authority)
    {
        var hosts = authority.Split(',', StringSplitOptions.RemoveEmptyEntries).Select(Decode).ToArray();
        if (hosts is [var only])
        {
            var colon = only.LastIndexOf(':');
            // The colons of [::1] are not before a port, nor are those of a socket's path.
            var hasPort = colon > only.LastIndexOf(']') && !only.StartsWith('/');
            built.Host = (hasPort ? only[..colon] : only).Trim('[', ']');
            if (hasPort && colon + 1 < only.Length)
                Set(built, "port", only[(colon + 1)..]);
        }
        else if (hosts.Length > 0)
        {
            built.Host = string.Join(',', hosts);
        }
    }

    private static void AddParameter(NpgsqlConnectionStringBuilder built, string parameter)
    {
        var (name, value) = Cut(parameter, '=');
        name = Decode(name);
        if (!Keywords.ContainsKey(name))
        {
            throw new ArgumentException(
                $"has the unknown parameter {name}; known are {string.Join(", ", Keywords.Keys)}");
        }

        Set(built, name, Decode(value));
    }

    private static void Set(NpgsqlConnectionStringBuilder built, string name, string value)
    {
        // libpq's word for the authorities that this machine trusts.
        (name, value) = (name.ToLowerInvariant(), value) is ("sslrootcert", "system")
            ? ("sslmode", "verify-full") : (name, value);
        try
        {
            built[Keywords[name]] = name.ToLowerInvariant() switch
            {
                // JDBC's, which libpq takes too.
                "ssl" when value is "true" => "require",
                "sslmode" or "ssl" or "target_session_attrs" or "channel_binding" or "gssencmode" =>
                    value.Replace("verify-ca", "VerifyCA", StringComparison.Ordinal)
                        .Replace("verify-full", "VerifyFull", StringComparison.Ordinal),
                "keepalives" => value != "0",
                "load_balance_hosts" => value == "random",
                _ => value,
            };
        }
        // What Npgsql says quotes the value.
        catch (Exception wrong) when (wrong is ArgumentException or FormatException or OverflowException
            or InvalidCastException or NotSupportedException)
        {
            throw new ArgumentException($"has a value that {name} cannot have");
        }
    }

    private static string Decode(string text) => Uri.UnescapeDataString(text);

    private static (string Before, string After) Cut(string text, char at)
    {
        var place = text.IndexOf(at);
        return place < 0 ? (text, "") : (text[..place], text[(place + 1)..]);
    }
}
