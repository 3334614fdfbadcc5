namespace CudaWasm.Compiler.Text;

/// <summary>The stable codes. 0xxx text and preprocessor, 1xxx syntax, 2xxx meaning, 3xxx what a target lacks, 4xxx launches and run time.</summary>
public static class DiagnosticCodes
{
    // Text and preprocessor.
    public const string NotText = "CW0001";
    public const string TooLarge = "CW0002";
    public const string UnterminatedComment = "CW0003";
    public const string UnterminatedLiteral = "CW0004";
    public const string UnexpectedCharacter = "CW0005";
    public const string BadNumber = "CW0006";
    public const string CannotRead = "CW0007";
    public const string BadDirective = "CW0010";
    public const string UnbalancedConditional = "CW0011";
    public const string IncludeNotFound = "CW0012";
    public const string IncludeTooDeep = "CW0013";
    public const string MacroArguments = "CW0014";
    public const string MacroTooLarge = "CW0015";
    public const string ErrorDirective = "CW0016";
    public const string BadPasting = "CW0017";

    // Syntax.
    public const string UnexpectedToken = "CW1001";
    public const string UnexpectedEnd = "CW1002";
    public const string NestingTooDeep = "CW1003";
    public const string NoKernel = "CW1004";

    // Meaning.
    public const string UndeclaredName = "CW2001";
    public const string Redeclared = "CW2002";
    public const string TypeMismatch = "CW2003";
    public const string NoMatchingFunction = "CW2004";
    public const string AmbiguousCall = "CW2005";
    public const string NotAssignable = "CW2006";
    public const string NoSuchMember = "CW2007";
    public const string NotConstant = "CW2008";
    public const string BadArraySize = "CW2009";
    public const string BadOperand = "CW2010";
    public const string StaticAssertFailed = "CW2011";
    public const string TemplateArguments = "CW2012";
    public const string TemplateTooDeep = "CW2013";
    public const string HostFunctionCalled = "CW2014";
    public const string KernelNotFound = "CW2015";
    public const string IncompleteType = "CW2016";
    public const string BadInitializer = "CW2017";
    public const string NotSupported = "CW2100";

    // Targets.
    public const string TargetLacks = "CW3001";
    public const string TooLargeForTarget = "CW3002";
    public const string Internal = "CW3999";

    // Launches and run time.
    public const string BadArgument = "CW4001";
    public const string BadLaunch = "CW4002";
    public const string OutOfBounds = "CW4010";
    public const string Misaligned = "CW4011";
    public const string DivisionByZero = "CW4012";
    public const string DivergentBarrier = "CW4013";
    public const string StackOverflow = "CW4014";
    public const string TimedOut = "CW4015";
    public const string AssertionFailed = "CW4017";
    public const string Trap = "CW4018";
    public const string UninitializedRead = "CW4019";
    public const string Race = "CW4020";
    public const string DivergentWarp = "CW4021";
}
