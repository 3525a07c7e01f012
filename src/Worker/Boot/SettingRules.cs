using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using System.Globalization;
using System.Reflection;

namespace VoiceWorker.Boot;

/// <summary>The rules of a section, told by the full names of its settings. The words are made of the rule itself, so
/// that they cannot say anything else; an attribute's own message is what follows the name.</summary>
internal static class SettingRules
{
    /// <summary>Every broken rule, as a sentence.</summary>
    public static IEnumerable<string> FindBroken(string section, object options)
    {
        var broken = options.GetType().GetProperties()
            .SelectMany(property => property.GetCustomAttributes<ValidationAttribute>()
                .Where(rule => !rule.IsValid(property.GetValue(options)))
                .Select(rule => $"{section}:{property.Name} must be {Words(rule, property)}."))
            .ToList();
        if (broken.Count > 0 || options is not IValidatableObject whole)
            return broken;
        return whole.Validate(new ValidationContext(options)).Select(result => $"{result.ErrorMessage!.TrimEnd('.')}.");
    }

    /// <summary>What is wrong with a value that is not of the type of its setting; null when it can be read.</summary>
    public static string? FindUnreadable(string section, PropertyInfo property, string? value)
    {
        var type = Nullable.GetUnderlyingType(property.PropertyType) ?? property.PropertyType;
        var converter = TypeDescriptor.GetConverter(type);
        if (value is null or "" || type == typeof(string) || !converter.CanConvertFrom(typeof(string)) || Reads())
            return null;
        var rule = property.GetCustomAttributes<ValidationAttribute>().FirstOrDefault();
        var expected = rule is null ? type == typeof(bool) ? "true or false" : type.Name : Words(rule, property);
        return $"{section}:{property.Name} must be {expected}, not '{value}'.";

        bool Reads()
        {
            try
            {
                converter.ConvertFromInvariantString(value);
                return true;
            }
            // What the converters throw is not of one type.
            catch (Exception)
            {
                return false;
            }
        }
    }

    private static string Words(ValidationAttribute rule, PropertyInfo property) => rule switch
    {
        RangeAttribute range when range.OperandType == typeof(TimeSpan) =>
            Between(Time(range.Minimum), Time(range.Maximum)),
        RangeAttribute range =>
            string.Create(CultureInfo.InvariantCulture, $"between {range.Minimum} and {range.Maximum}"),
        EnumDataTypeAttribute choice => string.Join(" or ", Enum.GetNames(choice.EnumType)),
        _ => rule.FormatErrorMessage(property.Name),
    };

    private static string Between(TimeSpan least, TimeSpan most)
    {
        var days = most.Days > 0 ? "d." : "";
        var fraction = least.Milliseconds > 0 ? ".fff" : "";
        return $"between {Text(least)} and {Text(most)} ({days}hh:mm:ss{fraction})";
    }

    private static TimeSpan Time(object bound) =>
        bound as TimeSpan? ?? TimeSpan.Parse((string)bound, CultureInfo.InvariantCulture);

    private static string Text(TimeSpan time) => (time.Days, time.Milliseconds) switch
    {
        (0, 0) => time.ToString(@"hh\:mm\:ss", CultureInfo.InvariantCulture),
        (0, _) => time.ToString(@"hh\:mm\:ss\.fff", CultureInfo.InvariantCulture),
        _ => time.ToString(@"d\.hh\:mm\:ss", CultureInfo.InvariantCulture),
    };
}
