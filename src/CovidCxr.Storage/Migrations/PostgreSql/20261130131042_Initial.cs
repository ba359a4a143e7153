using System;
using Microsoft.EntityFrameworkCore.Migrations;
using Npgsql.EntityFrameworkCore.PostgreSQL.Metadata;

#nullable disable

namespace CovidCxr.Storage.Migrations.PostgreSql
{
    /// <inheritdoc />
    public partial class Initial : Migration
    {
        /// <inheritdoc />
        protected override void Up(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.AlterDatabase()
                .Annotation("Npgsql:PostgresExtension:citext", ",,");

            migrationBuilder.CreateTable(
                name: "AccountSessions",
                columns: table => new
                {
                    Id = table.Column<Guid>(type: "uuid", nullable: false),
                    AccountId = table.Column<Guid>(type: "uuid", nullable: false),
                    StartedAt = table.Column<long>(type: "bigint", nullable: false),
                    LastUsedAt = table.Column<long>(type: "bigint", nullable: false),
                    EndedAt = table.Column<long>(type: "bigint", nullable: true),
                    From = table.Column<string>(type: "text", maxLength: 64, nullable: false, collation: "C"),
                    Browser = table.Column<string>(type: "text", maxLength: 200, nullable: false, collation: "C"),
                    Issuer = table.Column<string>(type: "text", maxLength: 256, nullable: true, collation: "C"),
                    ProviderSession = table.Column<string>(type: "text", maxLength: 256, nullable: true, collation: "C"),
                    Passkey = table.Column<string>(type: "text", maxLength: 64, nullable: true, collation: "C")
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_AccountSessions", x => x.Id);
                });

            migrationBuilder.CreateTable(
                name: "ApiClients",
                columns: table => new
                {
                    Id = table.Column<Guid>(type: "uuid", nullable: false),
                    Name = table.Column<string>(type: "text", maxLength: 64, nullable: false, collation: "C"),
                    Prefix = table.Column<string>(type: "text", maxLength: 16, nullable: false, collation: "C"),
                    KeyHash = table.Column<byte[]>(type: "bytea", nullable: false),
                    Scopes = table.Column<string>(type: "text", nullable: false),
                    CreatedByName = table.Column<string>(type: "text", maxLength: 256, nullable: false, collation: "C"),
                    CreatedAt = table.Column<long>(type: "bigint", nullable: false),
                    ExpiresAt = table.Column<long>(type: "bigint", nullable: false),
                    RevokedAt = table.Column<long>(type: "bigint", nullable: true),
                    LastUsedAt = table.Column<long>(type: "bigint", nullable: true)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_ApiClients", x => x.Id);
                });

            migrationBuilder.CreateTable(
                name: "ApiSubmissions",
                columns: table => new
                {
                    ClientId = table.Column<Guid>(type: "uuid", nullable: false),
                    Key = table.Column<string>(type: "text", maxLength: 128, nullable: false, collation: "C"),
                    RequestHash = table.Column<byte[]>(type: "bytea", nullable: false),
                    StudyId = table.Column<Guid>(type: "uuid", nullable: false),
                    IsNew = table.Column<bool>(type: "boolean", nullable: false),
                    At = table.Column<long>(type: "bigint", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_ApiSubmissions", x => new { x.ClientId, x.Key });
                });

            migrationBuilder.CreateTable(
                name: "AspNetRoles",
                columns: table => new
                {
                    Id = table.Column<Guid>(type: "uuid", nullable: false),
                    Name = table.Column<string>(type: "text", maxLength: 256, nullable: true, collation: "C"),
                    NormalizedName = table.Column<string>(type: "text", maxLength: 256, nullable: true, collation: "C"),
                    ConcurrencyStamp = table.Column<string>(type: "text", nullable: true, collation: "C")
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_AspNetRoles", x => x.Id);
                });

            migrationBuilder.CreateTable(
                name: "AspNetUsers",
                columns: table => new
                {
                    Id = table.Column<Guid>(type: "uuid", nullable: false),
                    FullName = table.Column<string>(type: "text", maxLength: 100, nullable: true, collation: "C"),
                    ShownName = table.Column<string>(type: "text", nullable: false, computedColumnSql: "CASE WHEN \"FullName\" IS NULL THEN \"UserName\" ELSE \"FullName\" || ' (' || \"UserName\" || ')' END", stored: true, collation: "C"),
                    IsDisabled = table.Column<bool>(type: "boolean", nullable: false),
                    LastCodeStep = table.Column<long>(type: "bigint", nullable: false),
                    UserName = table.Column<string>(type: "text", maxLength: 256, nullable: true, collation: "C"),
                    NormalizedUserName = table.Column<string>(type: "text", maxLength: 256, nullable: true, collation: "C"),
                    Email = table.Column<string>(type: "text", maxLength: 256, nullable: true, collation: "C"),
                    NormalizedEmail = table.Column<string>(type: "text", maxLength: 256, nullable: true, collation: "C"),
                    EmailConfirmed = table.Column<bool>(type: "boolean", nullable: false),
                    PasswordHash = table.Column<string>(type: "text", nullable: true, collation: "C"),
                    SecurityStamp = table.Column<string>(type: "text", nullable: true, collation: "C"),
                    ConcurrencyStamp = table.Column<string>(type: "text", nullable: true, collation: "C"),
                    PhoneNumber = table.Column<string>(type: "text", nullable: true, collation: "C"),
                    PhoneNumberConfirmed = table.Column<bool>(type: "boolean", nullable: false),
                    TwoFactorEnabled = table.Column<bool>(type: "boolean", nullable: false),
                    LockoutEnd = table.Column<long>(type: "bigint", nullable: true),
                    LockoutEnabled = table.Column<bool>(type: "boolean", nullable: false),
                    AccessFailedCount = table.Column<int>(type: "integer", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_AspNetUsers", x => x.Id);
                });

            migrationBuilder.CreateTable(
                name: "Audit",
                columns: table => new
                {
                    Id = table.Column<long>(type: "bigint", nullable: false)
                        .Annotation("Npgsql:ValueGenerationStrategy", NpgsqlValueGenerationStrategy.IdentityByDefaultColumn),
                    At = table.Column<long>(type: "bigint", nullable: false),
                    UserId = table.Column<Guid>(type: "uuid", nullable: true),
                    UserName = table.Column<string>(type: "text", maxLength: 256, nullable: true, collation: "C"),
                    Action = table.Column<int>(type: "integer", nullable: false),
                    Outcome = table.Column<int>(type: "integer", nullable: false),
                    StudyId = table.Column<Guid>(type: "uuid", nullable: true),
                    Detail = table.Column<string>(type: "text", maxLength: 500, nullable: true, collation: "C"),
                    Source = table.Column<string>(type: "text", maxLength: 45, nullable: true, collation: "C"),
                    Before = table.Column<string>(type: "text", maxLength: 500, nullable: true, collation: "C"),
                    After = table.Column<string>(type: "text", maxLength: 500, nullable: true, collation: "C"),
                    IsSpilled = table.Column<bool>(type: "boolean", nullable: false),
                    Stamp = table.Column<byte[]>(type: "bytea", nullable: true),
                    Seal = table.Column<byte[]>(type: "bytea", nullable: true)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_Audit", x => x.Id);
                });

            migrationBuilder.CreateTable(
                name: "DataSetVersions",
                columns: table => new
                {
                    Id = table.Column<Guid>(type: "uuid", nullable: false),
                    SetId = table.Column<Guid>(type: "uuid", nullable: false),
                    Name = table.Column<string>(type: "text", maxLength: 100, nullable: false, collation: "C"),
                    Number = table.Column<int>(type: "integer", nullable: false),
                    ParentId = table.Column<Guid>(type: "uuid", nullable: true),
                    Change = table.Column<string>(type: "text", maxLength: 300, nullable: false, collation: "C"),
                    Recipe = table.Column<string>(type: "text", nullable: true, collation: "C"),
                    State = table.Column<int>(type: "integer", nullable: false),
                    Done = table.Column<int>(type: "integer", nullable: false),
                    Total = table.Column<int>(type: "integer", nullable: false),
                    IsCancelWished = table.Column<bool>(type: "boolean", nullable: false),
                    Message = table.Column<string>(type: "text", maxLength: 2000, nullable: true, collation: "C"),
                    Images = table.Column<int>(type: "integer", nullable: false),
                    Patients = table.Column<int>(type: "integer", nullable: false),
                    IsDivided = table.Column<bool>(type: "boolean", nullable: false),
                    ManifestHash = table.Column<string>(type: "text", maxLength: 64, nullable: true, collation: "C"),
                    CreatedBy = table.Column<Guid>(type: "uuid", nullable: false),
                    CreatedByName = table.Column<string>(type: "text", maxLength: 256, nullable: false, collation: "C"),
                    CreatedAt = table.Column<long>(type: "bigint", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_DataSetVersions", x => x.Id);
                    table.ForeignKey(
                        name: "FK_DataSetVersions_DataSetVersions_ParentId",
                        column: x => x.ParentId,
                        principalTable: "DataSetVersions",
                        principalColumn: "Id",
                        onDelete: ReferentialAction.Restrict);
                });

            migrationBuilder.CreateTable(
                name: "Jobs",
                columns: table => new
                {
                    Id = table.Column<long>(type: "bigint", nullable: false)
                        .Annotation("Npgsql:ValueGenerationStrategy", NpgsqlValueGenerationStrategy.IdentityByDefaultColumn),
                    Kind = table.Column<string>(type: "text", maxLength: 50, nullable: false, collation: "C"),
                    Payload = table.Column<string>(type: "text", nullable: false, collation: "C"),
                    State = table.Column<int>(type: "integer", nullable: false),
                    Attempt = table.Column<int>(type: "integer", nullable: false),
                    MaxAttempts = table.Column<int>(type: "integer", nullable: false),
                    LeaseOwner = table.Column<string>(type: "text", nullable: true, collation: "C"),
                    LeaseUntil = table.Column<long>(type: "bigint", nullable: true),
                    Fence = table.Column<long>(type: "bigint", nullable: false),
                    NotBefore = table.Column<long>(type: "bigint", nullable: false),
                    CreatedAt = table.Column<long>(type: "bigint", nullable: false),
                    FinishedAt = table.Column<long>(type: "bigint", nullable: true),
                    Error = table.Column<string>(type: "text", nullable: true, collation: "C")
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_Jobs", x => x.Id);
                });

            migrationBuilder.CreateTable(
                name: "ModelNotices",
                columns: table => new
                {
                    UserId = table.Column<Guid>(type: "uuid", nullable: false),
                    PeriodId = table.Column<Guid>(type: "uuid", nullable: false),
                    SeenAt = table.Column<long>(type: "bigint", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_ModelNotices", x => new { x.UserId, x.PeriodId });
                });

            migrationBuilder.CreateTable(
                name: "ModelVersions",
                columns: table => new
                {
                    Id = table.Column<Guid>(type: "uuid", nullable: false),
                    Number = table.Column<int>(type: "integer", nullable: false),
                    Name = table.Column<string>(type: "text", nullable: false, collation: "C"),
                    Architecture = table.Column<string>(type: "text", nullable: false, collation: "C"),
                    Sha256 = table.Column<string>(type: "text", nullable: false, collation: "C"),
                    WeightsSha256 = table.Column<string>(type: "text", maxLength: 64, nullable: true, collation: "C"),
                    FileKey = table.Column<string>(type: "text", nullable: false, collation: "C"),
                    HeaderJson = table.Column<string>(type: "text", nullable: false, collation: "C"),
                    RegisteredAt = table.Column<long>(type: "bigint", nullable: false),
                    IsActive = table.Column<bool>(type: "boolean", nullable: false),
                    ActivatedAt = table.Column<long>(type: "bigint", nullable: true)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_ModelVersions", x => x.Id);
                });

            migrationBuilder.CreateTable(
                name: "PolicyChanges",
                columns: table => new
                {
                    Id = table.Column<long>(type: "bigint", nullable: false)
                        .Annotation("Npgsql:ValueGenerationStrategy", NpgsqlValueGenerationStrategy.IdentityByDefaultColumn),
                    Policy = table.Column<int>(type: "integer", nullable: false),
                    Seed = table.Column<int>(type: "integer", nullable: false),
                    ChangedBy = table.Column<Guid>(type: "uuid", nullable: false),
                    ChangedByName = table.Column<string>(type: "text", maxLength: 256, nullable: false, collation: "C"),
                    ChangedAt = table.Column<long>(type: "bigint", nullable: false),
                    Reason = table.Column<string>(type: "text", maxLength: 300, nullable: true, collation: "C"),
                    HoldsFrom = table.Column<DateOnly>(type: "date", nullable: true)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_PolicyChanges", x => x.Id);
                });

            migrationBuilder.CreateTable(
                name: "QualitySettings",
                columns: table => new
                {
                    Id = table.Column<long>(type: "bigint", nullable: false)
                        .Annotation("Npgsql:ValueGenerationStrategy", NpgsqlValueGenerationStrategy.IdentityByDefaultColumn),
                    SecondReadEvery = table.Column<int>(type: "integer", nullable: false),
                    LargestStabilityIndex = table.Column<double>(type: "double precision", nullable: false),
                    LowestAgreement = table.Column<double>(type: "double precision", nullable: false),
                    ChangedBy = table.Column<Guid>(type: "uuid", nullable: false),
                    ChangedByName = table.Column<string>(type: "text", maxLength: 256, nullable: false, collation: "C"),
                    ChangedAt = table.Column<long>(type: "bigint", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_QualitySettings", x => x.Id);
                });

            migrationBuilder.CreateTable(
                name: "ReceivedMessages",
                columns: table => new
                {
                    Id = table.Column<Guid>(type: "uuid", nullable: false),
                    ReceivedAt = table.Column<long>(type: "bigint", nullable: false),
                    Application = table.Column<string>(type: "text", maxLength: 64, nullable: false, collation: "C"),
                    Facility = table.Column<string>(type: "text", maxLength: 64, nullable: false, collation: "C"),
                    Host = table.Column<string>(type: "text", maxLength: 64, nullable: false, collation: "C"),
                    ControlId = table.Column<string>(type: "text", maxLength: 199, nullable: false, collation: "C"),
                    Sha256 = table.Column<string>(type: "text", maxLength: 64, nullable: false, collation: "C"),
                    Event = table.Column<string>(type: "text", maxLength: 3, nullable: false, collation: "C"),
                    Kind = table.Column<int>(type: "integer", nullable: false),
                    Number = table.Column<string>(type: "text", maxLength: 64, nullable: true, collation: "C"),
                    FormerNumber = table.Column<string>(type: "text", maxLength: 64, nullable: true, collation: "C"),
                    Sex = table.Column<int>(type: "integer", nullable: false),
                    BirthDate = table.Column<DateOnly>(type: "date", nullable: true),
                    State = table.Column<int>(type: "integer", nullable: false),
                    Reason = table.Column<string>(type: "text", maxLength: 500, nullable: true, collation: "C"),
                    Films = table.Column<int>(type: "integer", nullable: false),
                    SettledAt = table.Column<long>(type: "bigint", nullable: true)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_ReceivedMessages", x => x.Id);
                });

            migrationBuilder.CreateTable(
                name: "ReceivedObjects",
                columns: table => new
                {
                    Id = table.Column<Guid>(type: "uuid", nullable: false),
                    ReceivedAt = table.Column<long>(type: "bigint", nullable: false),
                    CallingAe = table.Column<string>(type: "text", maxLength: 16, nullable: false, collation: "C"),
                    Host = table.Column<string>(type: "text", maxLength: 64, nullable: false, collation: "C"),
                    Bytes = table.Column<long>(type: "bigint", nullable: false),
                    InstanceUid = table.Column<string>(type: "text", maxLength: 64, nullable: true, collation: "C"),
                    Sha256 = table.Column<string>(type: "text", maxLength: 64, nullable: true, collation: "C"),
                    State = table.Column<int>(type: "integer", nullable: false),
                    Reason = table.Column<string>(type: "text", maxLength: 500, nullable: true, collation: "C"),
                    StudyId = table.Column<Guid>(type: "uuid", nullable: true),
                    IsConfirmed = table.Column<bool>(type: "boolean", nullable: false),
                    Attempts = table.Column<int>(type: "integer", nullable: false),
                    SettledAt = table.Column<long>(type: "bigint", nullable: true)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_ReceivedObjects", x => x.Id);
                });

            migrationBuilder.CreateTable(
                name: "ResultDestinations",
                columns: table => new
                {
                    Name = table.Column<string>(type: "text", maxLength: 64, nullable: false, collation: "C"),
                    Since = table.Column<long>(type: "bigint", nullable: false),
                    IsStopped = table.Column<bool>(type: "boolean", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_ResultDestinations", x => x.Name);
                });

            migrationBuilder.CreateTable(
                name: "SavedFilters",
                columns: table => new
                {
                    Id = table.Column<long>(type: "bigint", nullable: false)
                        .Annotation("Npgsql:ValueGenerationStrategy", NpgsqlValueGenerationStrategy.IdentityByDefaultColumn),
                    OwnerId = table.Column<Guid>(type: "uuid", nullable: false),
                    Name = table.Column<string>(type: "citext", maxLength: 40, nullable: false, collation: "C"),
                    Query = table.Column<string>(type: "text", maxLength: 500, nullable: false, collation: "C"),
                    IsDefault = table.Column<bool>(type: "boolean", nullable: false),
                    SavedAt = table.Column<long>(type: "bigint", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_SavedFilters", x => x.Id);
                });

            migrationBuilder.CreateTable(
                name: "Studies",
                columns: table => new
                {
                    Id = table.Column<Guid>(type: "uuid", nullable: false),
                    PatientNumber = table.Column<string>(type: "citext", maxLength: 64, nullable: true, collation: "C"),
                    Sex = table.Column<int>(type: "integer", nullable: false),
                    AgeYears = table.Column<int>(type: "integer", nullable: true),
                    AcquiredOn = table.Column<DateOnly>(type: "date", nullable: true),
                    View = table.Column<int>(type: "integer", nullable: false),
                    BirthDate = table.Column<DateOnly>(type: "date", nullable: true),
                    Laterality = table.Column<string>(type: "text", maxLength: 16, nullable: true, collation: "C"),
                    BodyPart = table.Column<string>(type: "text", maxLength: 16, nullable: true, collation: "C"),
                    Modality = table.Column<string>(type: "text", maxLength: 16, nullable: true, collation: "C"),
                    PresentationIntent = table.Column<string>(type: "text", maxLength: 16, nullable: true, collation: "C"),
                    AccessionNumber = table.Column<string>(type: "text", maxLength: 64, nullable: true, collation: "C"),
                    DicomStudyUid = table.Column<string>(type: "text", maxLength: 64, nullable: true, collation: "C"),
                    DicomSeriesUid = table.Column<string>(type: "text", maxLength: 64, nullable: true, collation: "C"),
                    DicomInstanceUid = table.Column<string>(type: "text", maxLength: 64, nullable: true, collation: "C"),
                    ReceivedAt = table.Column<long>(type: "bigint", nullable: false),
                    UploadedBy = table.Column<Guid>(type: "uuid", nullable: false),
                    CopyOf = table.Column<Guid>(type: "uuid", nullable: true),
                    PixelHash = table.Column<string>(type: "text", maxLength: 64, nullable: false, collation: "C"),
                    Width = table.Column<int>(type: "integer", nullable: false),
                    Height = table.Column<int>(type: "integer", nullable: false),
                    BitsStored = table.Column<int>(type: "integer", nullable: false),
                    MeanIntensity = table.Column<double>(type: "double precision", nullable: true),
                    IntensityDeviation = table.Column<double>(type: "double precision", nullable: true),
                    ImageKey = table.Column<string>(type: "text", maxLength: 32, nullable: false, collation: "C"),
                    IsWithdrawn = table.Column<bool>(type: "boolean", nullable: false),
                    Status = table.Column<int>(type: "integer", nullable: false),
                    StatusReason = table.Column<string>(type: "text", maxLength: 500, nullable: true, collation: "C"),
                    ScoreDemandedBy = table.Column<Guid>(type: "uuid", nullable: true),
                    ScoreDemandReason = table.Column<string>(type: "text", maxLength: 500, nullable: true, collation: "C"),
                    ReadCount = table.Column<int>(type: "integer", nullable: false),
                    Urgency = table.Column<int>(type: "integer", nullable: true),
                    WaitsUrgently = table.Column<bool>(type: "boolean", nullable: false, computedColumnSql: "(\"Urgency\" IS NOT NULL AND \"ReadCount\" = 0)", stored: true),
                    AssignedTo = table.Column<Guid>(type: "uuid", nullable: true),
                    PredictionId = table.Column<Guid>(type: "uuid", nullable: true),
                    PredictedClass = table.Column<string>(type: "text", nullable: true, collation: "C"),
                    Probability = table.Column<double>(type: "double precision", nullable: true)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_Studies", x => x.Id);
                });

            migrationBuilder.CreateTable(
                name: "WebhookAddresses",
                columns: table => new
                {
                    Name = table.Column<string>(type: "text", maxLength: 64, nullable: false, collation: "C"),
                    LastAuditId = table.Column<long>(type: "bigint", nullable: false),
                    IsStopped = table.Column<bool>(type: "boolean", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_WebhookAddresses", x => x.Name);
                });

            migrationBuilder.CreateTable(
                name: "WebhookMessages",
                columns: table => new
                {
                    Id = table.Column<Guid>(type: "uuid", nullable: false),
                    Address = table.Column<string>(type: "text", maxLength: 64, nullable: false, collation: "C"),
                    Event = table.Column<string>(type: "text", maxLength: 64, nullable: false, collation: "C"),
                    StudyId = table.Column<Guid>(type: "uuid", nullable: true),
                    At = table.Column<long>(type: "bigint", nullable: false),
                    State = table.Column<int>(type: "integer", nullable: false),
                    Attempts = table.Column<int>(type: "integer", nullable: false),
                    NotBefore = table.Column<long>(type: "bigint", nullable: false),
                    Reason = table.Column<string>(type: "text", maxLength: 500, nullable: true, collation: "C"),
                    SettledAt = table.Column<long>(type: "bigint", nullable: true)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_WebhookMessages", x => x.Id);
                });

            migrationBuilder.CreateTable(
                name: "AspNetRoleClaims",
                columns: table => new
                {
                    Id = table.Column<int>(type: "integer", nullable: false)
                        .Annotation("Npgsql:ValueGenerationStrategy", NpgsqlValueGenerationStrategy.IdentityByDefaultColumn),
                    RoleId = table.Column<Guid>(type: "uuid", nullable: false),
                    ClaimType = table.Column<string>(type: "text", nullable: true, collation: "C"),
                    ClaimValue = table.Column<string>(type: "text", nullable: true, collation: "C")
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_AspNetRoleClaims", x => x.Id);
                    table.ForeignKey(
                        name: "FK_AspNetRoleClaims_AspNetRoles_RoleId",
                        column: x => x.RoleId,
                        principalTable: "AspNetRoles",
                        principalColumn: "Id",
                        onDelete: ReferentialAction.Cascade);
                });

            migrationBuilder.CreateTable(
                name: "AspNetUserClaims",
                columns: table => new
                {
                    Id = table.Column<int>(type: "integer", nullable: false)
                        .Annotation("Npgsql:ValueGenerationStrategy", NpgsqlValueGenerationStrategy.IdentityByDefaultColumn),
                    UserId = table.Column<Guid>(type: "uuid", nullable: false),
                    ClaimType = table.Column<string>(type: "text", nullable: true, collation: "C"),
                    ClaimValue = table.Column<string>(type: "text", nullable: true, collation: "C")
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_AspNetUserClaims", x => x.Id);
                    table.ForeignKey(
                        name: "FK_AspNetUserClaims_AspNetUsers_UserId",
                        column: x => x.UserId,
                        principalTable: "AspNetUsers",
                        principalColumn: "Id",
                        onDelete: ReferentialAction.Cascade);
                });

            migrationBuilder.CreateTable(
                name: "AspNetUserLogins",
                columns: table => new
                {
                    LoginProvider = table.Column<string>(type: "text", nullable: false, collation: "C"),
                    ProviderKey = table.Column<string>(type: "text", nullable: false, collation: "C"),
                    ProviderDisplayName = table.Column<string>(type: "text", nullable: true, collation: "C"),
                    UserId = table.Column<Guid>(type: "uuid", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_AspNetUserLogins", x => new { x.LoginProvider, x.ProviderKey });
                    table.ForeignKey(
                        name: "FK_AspNetUserLogins_AspNetUsers_UserId",
                        column: x => x.UserId,
                        principalTable: "AspNetUsers",
                        principalColumn: "Id",
                        onDelete: ReferentialAction.Cascade);
                });

            migrationBuilder.CreateTable(
                name: "AspNetUserPasskeys",
                columns: table => new
                {
                    CredentialId = table.Column<byte[]>(type: "bytea", maxLength: 1024, nullable: false),
                    UserId = table.Column<Guid>(type: "uuid", nullable: false),
                    Data = table.Column<string>(type: "jsonb", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_AspNetUserPasskeys", x => x.CredentialId);
                    table.ForeignKey(
                        name: "FK_AspNetUserPasskeys_AspNetUsers_UserId",
                        column: x => x.UserId,
                        principalTable: "AspNetUsers",
                        principalColumn: "Id",
                        onDelete: ReferentialAction.Cascade);
                });

            migrationBuilder.CreateTable(
                name: "AspNetUserRoles",
                columns: table => new
                {
                    UserId = table.Column<Guid>(type: "uuid", nullable: false),
                    RoleId = table.Column<Guid>(type: "uuid", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_AspNetUserRoles", x => new { x.UserId, x.RoleId });
                    table.ForeignKey(
                        name: "FK_AspNetUserRoles_AspNetRoles_RoleId",
                        column: x => x.RoleId,
                        principalTable: "AspNetRoles",
                        principalColumn: "Id",
                        onDelete: ReferentialAction.Cascade);
                    table.ForeignKey(
                        name: "FK_AspNetUserRoles_AspNetUsers_UserId",
                        column: x => x.UserId,
                        principalTable: "AspNetUsers",
                        principalColumn: "Id",
                        onDelete: ReferentialAction.Cascade);
                });

            migrationBuilder.CreateTable(
                name: "AspNetUserTokens",
                columns: table => new
                {
                    UserId = table.Column<Guid>(type: "uuid", nullable: false),
                    LoginProvider = table.Column<string>(type: "text", nullable: false, collation: "C"),
                    Name = table.Column<string>(type: "text", nullable: false, collation: "C"),
                    Value = table.Column<string>(type: "text", nullable: true, collation: "C")
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_AspNetUserTokens", x => new { x.UserId, x.LoginProvider, x.Name });
                    table.ForeignKey(
                        name: "FK_AspNetUserTokens_AspNetUsers_UserId",
                        column: x => x.UserId,
                        principalTable: "AspNetUsers",
                        principalColumn: "Id",
                        onDelete: ReferentialAction.Cascade);
                });

            migrationBuilder.CreateTable(
                name: "GateResults",
                columns: table => new
                {
                    Id = table.Column<Guid>(type: "uuid", nullable: false),
                    ModelVersionId = table.Column<Guid>(type: "uuid", nullable: false),
                    RunId = table.Column<Guid>(type: "uuid", nullable: false),
                    MeasuredAt = table.Column<long>(type: "bigint", nullable: false),
                    Evidence = table.Column<string>(type: "text", nullable: false, collation: "C")
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_GateResults", x => x.Id);
                    table.ForeignKey(
                        name: "FK_GateResults_ModelVersions_ModelVersionId",
                        column: x => x.ModelVersionId,
                        principalTable: "ModelVersions",
                        principalColumn: "Id",
                        onDelete: ReferentialAction.Restrict);
                });

            migrationBuilder.CreateTable(
                name: "GoldenAnswers",
                columns: table => new
                {
                    Id = table.Column<Guid>(type: "uuid", nullable: false),
                    ModelVersionId = table.Column<Guid>(type: "uuid", nullable: false),
                    Program = table.Column<string>(type: "text", maxLength: 256, nullable: false, collation: "C"),
                    MadeAt = table.Column<long>(type: "bigint", nullable: false),
                    Answers = table.Column<string>(type: "text", nullable: false, collation: "C"),
                    Difference = table.Column<double>(type: "double precision", nullable: true)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_GoldenAnswers", x => x.Id);
                    table.ForeignKey(
                        name: "FK_GoldenAnswers_ModelVersions_ModelVersionId",
                        column: x => x.ModelVersionId,
                        principalTable: "ModelVersions",
                        principalColumn: "Id",
                        onDelete: ReferentialAction.Restrict);
                });

            migrationBuilder.CreateTable(
                name: "LocalAcceptances",
                columns: table => new
                {
                    Id = table.Column<long>(type: "bigint", nullable: false)
                        .Annotation("Npgsql:ValueGenerationStrategy", NpgsqlValueGenerationStrategy.IdentityByDefaultColumn),
                    ModelVersionId = table.Column<Guid>(type: "uuid", nullable: false),
                    IsWithdrawal = table.Column<bool>(type: "boolean", nullable: false),
                    Threshold = table.Column<double>(type: "double precision", nullable: false),
                    Evidence = table.Column<string>(type: "text", nullable: false, collation: "C"),
                    EvidenceHash = table.Column<string>(type: "text", maxLength: 64, nullable: false, collation: "C"),
                    Reason = table.Column<string>(type: "text", maxLength: 500, nullable: false, collation: "C"),
                    AcceptedBy = table.Column<Guid>(type: "uuid", nullable: false),
                    AcceptedByName = table.Column<string>(type: "text", maxLength: 256, nullable: false, collation: "C"),
                    AcceptedAt = table.Column<long>(type: "bigint", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_LocalAcceptances", x => x.Id);
                    table.ForeignKey(
                        name: "FK_LocalAcceptances_ModelVersions_ModelVersionId",
                        column: x => x.ModelVersionId,
                        principalTable: "ModelVersions",
                        principalColumn: "Id",
                        onDelete: ReferentialAction.Restrict);
                });

            migrationBuilder.CreateTable(
                name: "ModelPeriods",
                columns: table => new
                {
                    Id = table.Column<Guid>(type: "uuid", nullable: false),
                    Number = table.Column<int>(type: "integer", nullable: false),
                    ModelVersionId = table.Column<Guid>(type: "uuid", nullable: false),
                    From = table.Column<long>(type: "bigint", nullable: false),
                    Until = table.Column<long>(type: "bigint", nullable: true),
                    StartedBy = table.Column<Guid>(type: "uuid", nullable: true),
                    StartedByName = table.Column<string>(type: "text", maxLength: 256, nullable: true, collation: "C"),
                    IsRollBack = table.Column<bool>(type: "boolean", nullable: false),
                    IsWithdrawn = table.Column<bool>(type: "boolean", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_ModelPeriods", x => x.Id);
                    table.ForeignKey(
                        name: "FK_ModelPeriods_ModelVersions_ModelVersionId",
                        column: x => x.ModelVersionId,
                        principalTable: "ModelVersions",
                        principalColumn: "Id",
                        onDelete: ReferentialAction.Restrict);
                });

            migrationBuilder.CreateTable(
                name: "ModelSignatures",
                columns: table => new
                {
                    Id = table.Column<Guid>(type: "uuid", nullable: false),
                    ModelVersionId = table.Column<Guid>(type: "uuid", nullable: false),
                    EvidenceHash = table.Column<string>(type: "text", maxLength: 64, nullable: false, collation: "C"),
                    SignedBy = table.Column<Guid>(type: "uuid", nullable: false),
                    SignedByName = table.Column<string>(type: "text", maxLength: 256, nullable: false, collation: "C"),
                    SignedAt = table.Column<long>(type: "bigint", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_ModelSignatures", x => x.Id);
                    table.ForeignKey(
                        name: "FK_ModelSignatures_ModelVersions_ModelVersionId",
                        column: x => x.ModelVersionId,
                        principalTable: "ModelVersions",
                        principalColumn: "Id",
                        onDelete: ReferentialAction.Restrict);
                });

            migrationBuilder.CreateTable(
                name: "QualityAlerts",
                columns: table => new
                {
                    Id = table.Column<long>(type: "bigint", nullable: false)
                        .Annotation("Npgsql:ValueGenerationStrategy", NpgsqlValueGenerationStrategy.IdentityByDefaultColumn),
                    Kind = table.Column<int>(type: "integer", nullable: false),
                    ModelVersionId = table.Column<Guid>(type: "uuid", nullable: true),
                    PeriodFrom = table.Column<DateOnly>(type: "date", nullable: false),
                    PeriodTo = table.Column<DateOnly>(type: "date", nullable: false),
                    Value = table.Column<double>(type: "double precision", nullable: false),
                    Threshold = table.Column<double>(type: "double precision", nullable: false),
                    Cases = table.Column<int>(type: "integer", nullable: false),
                    RaisedAt = table.Column<long>(type: "bigint", nullable: false),
                    AcknowledgedAt = table.Column<long>(type: "bigint", nullable: true),
                    AcknowledgedBy = table.Column<Guid>(type: "uuid", nullable: true),
                    AcknowledgedByName = table.Column<string>(type: "text", maxLength: 256, nullable: true, collation: "C")
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_QualityAlerts", x => x.Id);
                    table.ForeignKey(
                        name: "FK_QualityAlerts_ModelVersions_ModelVersionId",
                        column: x => x.ModelVersionId,
                        principalTable: "ModelVersions",
                        principalColumn: "Id",
                        onDelete: ReferentialAction.Restrict);
                });

            migrationBuilder.CreateTable(
                name: "RetrainingRuns",
                columns: table => new
                {
                    Id = table.Column<Guid>(type: "uuid", nullable: false),
                    Number = table.Column<int>(type: "integer", nullable: false),
                    Name = table.Column<string>(type: "text", maxLength: 100, nullable: false, collation: "C"),
                    Architecture = table.Column<string>(type: "text", maxLength: 50, nullable: false, collation: "C"),
                    Kind = table.Column<int>(type: "integer", nullable: false),
                    DataSetVersionId = table.Column<Guid>(type: "uuid", nullable: true),
                    Configuration = table.Column<string>(type: "text", nullable: false, collation: "C"),
                    StartedBy = table.Column<Guid>(type: "uuid", nullable: false),
                    StartedByName = table.Column<string>(type: "text", maxLength: 256, nullable: false, collation: "C"),
                    CreatedAt = table.Column<long>(type: "bigint", nullable: false),
                    FinishedAt = table.Column<long>(type: "bigint", nullable: true),
                    State = table.Column<int>(type: "integer", nullable: false),
                    Wish = table.Column<int>(type: "integer", nullable: false),
                    Message = table.Column<string>(type: "text", maxLength: 2000, nullable: true, collation: "C"),
                    ModelVersionId = table.Column<Guid>(type: "uuid", nullable: true),
                    Plan = table.Column<string>(type: "text", nullable: true, collation: "C"),
                    PlanHash = table.Column<string>(type: "text", maxLength: 64, nullable: true, collation: "C"),
                    OffPlan = table.Column<string>(type: "text", nullable: true, collation: "C"),
                    IsExploration = table.Column<bool>(type: "boolean", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_RetrainingRuns", x => x.Id);
                    table.ForeignKey(
                        name: "FK_RetrainingRuns_DataSetVersions_DataSetVersionId",
                        column: x => x.DataSetVersionId,
                        principalTable: "DataSetVersions",
                        principalColumn: "Id",
                        onDelete: ReferentialAction.Restrict);
                    table.ForeignKey(
                        name: "FK_RetrainingRuns_ModelVersions_ModelVersionId",
                        column: x => x.ModelVersionId,
                        principalTable: "ModelVersions",
                        principalColumn: "Id",
                        onDelete: ReferentialAction.Restrict);
                });

            migrationBuilder.CreateTable(
                name: "ShadowPeriods",
                columns: table => new
                {
                    Id = table.Column<Guid>(type: "uuid", nullable: false),
                    ModelVersionId = table.Column<Guid>(type: "uuid", nullable: false),
                    IsOpen = table.Column<bool>(type: "boolean", nullable: false),
                    From = table.Column<long>(type: "bigint", nullable: false),
                    Until = table.Column<long>(type: "bigint", nullable: true),
                    Reason = table.Column<string>(type: "text", maxLength: 500, nullable: false, collation: "C"),
                    StartedBy = table.Column<Guid>(type: "uuid", nullable: false),
                    StartedByName = table.Column<string>(type: "text", maxLength: 256, nullable: false, collation: "C"),
                    EndedByName = table.Column<string>(type: "text", maxLength: 256, nullable: true, collation: "C"),
                    EndReason = table.Column<string>(type: "text", maxLength: 500, nullable: true, collation: "C")
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_ShadowPeriods", x => x.Id);
                    table.ForeignKey(
                        name: "FK_ShadowPeriods_ModelVersions_ModelVersionId",
                        column: x => x.ModelVersionId,
                        principalTable: "ModelVersions",
                        principalColumn: "Id",
                        onDelete: ReferentialAction.Restrict);
                });

            migrationBuilder.CreateTable(
                name: "Disclosures",
                columns: table => new
                {
                    ReaderId = table.Column<Guid>(type: "uuid", nullable: false),
                    StudyId = table.Column<Guid>(type: "uuid", nullable: false),
                    At = table.Column<long>(type: "bigint", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_Disclosures", x => new { x.ReaderId, x.StudyId });
                    table.ForeignKey(
                        name: "FK_Disclosures_Studies_StudyId",
                        column: x => x.StudyId,
                        principalTable: "Studies",
                        principalColumn: "Id",
                        onDelete: ReferentialAction.Restrict);
                });

            migrationBuilder.CreateTable(
                name: "KeptDrafts",
                columns: table => new
                {
                    ReaderId = table.Column<Guid>(type: "uuid", nullable: false),
                    StudyId = table.Column<Guid>(type: "uuid", nullable: false),
                    Opinion = table.Column<int>(type: "integer", nullable: true),
                    Confidence = table.Column<int>(type: "integer", nullable: true),
                    AgreesWithPrediction = table.Column<bool>(type: "boolean", nullable: true),
                    HeatMapUseful = table.Column<bool>(type: "boolean", nullable: true),
                    Note = table.Column<string>(type: "text", maxLength: 4000, nullable: true, collation: "C"),
                    KeptAt = table.Column<long>(type: "bigint", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_KeptDrafts", x => new { x.ReaderId, x.StudyId });
                    table.ForeignKey(
                        name: "FK_KeptDrafts_Studies_StudyId",
                        column: x => x.StudyId,
                        principalTable: "Studies",
                        principalColumn: "Id",
                        onDelete: ReferentialAction.Restrict);
                });

            migrationBuilder.CreateTable(
                name: "OutgoingResults",
                columns: table => new
                {
                    Id = table.Column<Guid>(type: "uuid", nullable: false),
                    StudyId = table.Column<Guid>(type: "uuid", nullable: false),
                    Destination = table.Column<string>(type: "text", maxLength: 64, nullable: false, collation: "C"),
                    Kind = table.Column<int>(type: "integer", nullable: false),
                    Version = table.Column<int>(type: "integer", nullable: false),
                    PredictionId = table.Column<Guid>(type: "uuid", nullable: false),
                    ReadingId = table.Column<Guid>(type: "uuid", nullable: true),
                    InstanceUid = table.Column<string>(type: "text", maxLength: 64, nullable: false, collation: "C"),
                    CreatedAt = table.Column<long>(type: "bigint", nullable: false),
                    State = table.Column<int>(type: "integer", nullable: false),
                    Attempts = table.Column<int>(type: "integer", nullable: false),
                    Refusals = table.Column<int>(type: "integer", nullable: false),
                    NotBefore = table.Column<long>(type: "bigint", nullable: false),
                    Reason = table.Column<string>(type: "text", maxLength: 500, nullable: true, collation: "C"),
                    SettledAt = table.Column<long>(type: "bigint", nullable: true),
                    SentAfterChange = table.Column<long>(type: "bigint", nullable: true)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_OutgoingResults", x => x.Id);
                    table.ForeignKey(
                        name: "FK_OutgoingResults_Studies_StudyId",
                        column: x => x.StudyId,
                        principalTable: "Studies",
                        principalColumn: "Id",
                        onDelete: ReferentialAction.Restrict);
                });

            migrationBuilder.CreateTable(
                name: "Predictions",
                columns: table => new
                {
                    Id = table.Column<Guid>(type: "uuid", nullable: false),
                    StudyId = table.Column<Guid>(type: "uuid", nullable: false),
                    ModelVersionId = table.Column<Guid>(type: "uuid", nullable: false),
                    CreatedAt = table.Column<long>(type: "bigint", nullable: false),
                    Classes = table.Column<string>(type: "text", nullable: false),
                    Probabilities = table.Column<string>(type: "text", nullable: false),
                    PositiveIndex = table.Column<int>(type: "integer", nullable: false),
                    Threshold = table.Column<double>(type: "double precision", nullable: false),
                    PredictedIndex = table.Column<int>(type: "integer", nullable: false),
                    Elapsed = table.Column<long>(type: "bigint", nullable: false),
                    Device = table.Column<string>(type: "text", maxLength: 100, nullable: false, collation: "C"),
                    HeatMaps = table.Column<byte[]>(type: "bytea", nullable: false),
                    MapWidth = table.Column<int>(type: "integer", nullable: false),
                    MapHeight = table.Column<int>(type: "integer", nullable: false),
                    InLungs = table.Column<double>(type: "double precision", nullable: true),
                    SeverityZones = table.Column<string>(type: "text", nullable: false, defaultValueSql: "'[]'"),
                    SeverityLower = table.Column<double>(type: "double precision", nullable: true),
                    SeverityUpper = table.Column<double>(type: "double precision", nullable: true),
                    LungScores = table.Column<string>(type: "text", nullable: false, defaultValueSql: "'[]'")
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_Predictions", x => x.Id);
                    table.ForeignKey(
                        name: "FK_Predictions_ModelVersions_ModelVersionId",
                        column: x => x.ModelVersionId,
                        principalTable: "ModelVersions",
                        principalColumn: "Id",
                        onDelete: ReferentialAction.Restrict);
                    table.ForeignKey(
                        name: "FK_Predictions_Studies_StudyId",
                        column: x => x.StudyId,
                        principalTable: "Studies",
                        principalColumn: "Id",
                        onDelete: ReferentialAction.Restrict);
                });

            migrationBuilder.CreateTable(
                name: "ReadRequests",
                columns: table => new
                {
                    Id = table.Column<Guid>(type: "uuid", nullable: false),
                    StudyId = table.Column<Guid>(type: "uuid", nullable: false),
                    Kind = table.Column<int>(type: "integer", nullable: false),
                    ReaderId = table.Column<Guid>(type: "uuid", nullable: true),
                    AskedBy = table.Column<Guid>(type: "uuid", nullable: true),
                    AskedAt = table.Column<long>(type: "bigint", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_ReadRequests", x => x.Id);
                    table.ForeignKey(
                        name: "FK_ReadRequests_Studies_StudyId",
                        column: x => x.StudyId,
                        principalTable: "Studies",
                        principalColumn: "Id",
                        onDelete: ReferentialAction.Restrict);
                });

            migrationBuilder.CreateTable(
                name: "Readings",
                columns: table => new
                {
                    Id = table.Column<Guid>(type: "uuid", nullable: false),
                    StudyId = table.Column<Guid>(type: "uuid", nullable: false),
                    ReaderId = table.Column<Guid>(type: "uuid", nullable: false),
                    Stage = table.Column<int>(type: "integer", nullable: false),
                    Opinion = table.Column<int>(type: "integer", nullable: false),
                    Confidence = table.Column<int>(type: "integer", nullable: false),
                    AgreesWithPrediction = table.Column<bool>(type: "boolean", nullable: true),
                    HeatMapUseful = table.Column<bool>(type: "boolean", nullable: true),
                    Note = table.Column<string>(type: "text", maxLength: 4000, nullable: true, collation: "C"),
                    PredictionId = table.Column<Guid>(type: "uuid", nullable: true),
                    SupersedesId = table.Column<Guid>(type: "uuid", nullable: true),
                    CreatedAt = table.Column<long>(type: "bigint", nullable: false),
                    SubmissionId = table.Column<Guid>(type: "uuid", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_Readings", x => x.Id);
                    table.ForeignKey(
                        name: "FK_Readings_Studies_StudyId",
                        column: x => x.StudyId,
                        principalTable: "Studies",
                        principalColumn: "Id",
                        onDelete: ReferentialAction.Restrict);
                });

            migrationBuilder.CreateTable(
                name: "ReferenceFindings",
                columns: table => new
                {
                    Id = table.Column<Guid>(type: "uuid", nullable: false),
                    StudyId = table.Column<Guid>(type: "uuid", nullable: false),
                    Source = table.Column<int>(type: "integer", nullable: false),
                    Result = table.Column<int>(type: "integer", nullable: false),
                    FoundOn = table.Column<DateOnly>(type: "date", nullable: false),
                    EnteredBy = table.Column<Guid>(type: "uuid", nullable: false),
                    EnteredByName = table.Column<string>(type: "text", maxLength: 256, nullable: false, collation: "C"),
                    EnteredAt = table.Column<long>(type: "bigint", nullable: false),
                    IsImported = table.Column<bool>(type: "boolean", nullable: false),
                    Basis = table.Column<string>(type: "text", maxLength: 500, nullable: true, collation: "C"),
                    SupersedesId = table.Column<Guid>(type: "uuid", nullable: true)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_ReferenceFindings", x => x.Id);
                    table.ForeignKey(
                        name: "FK_ReferenceFindings_Studies_StudyId",
                        column: x => x.StudyId,
                        principalTable: "Studies",
                        principalColumn: "Id",
                        onDelete: ReferentialAction.Restrict);
                });

            migrationBuilder.CreateTable(
                name: "StudyAppearances",
                columns: table => new
                {
                    Id = table.Column<long>(type: "bigint", nullable: false)
                        .Annotation("Npgsql:ValueGenerationStrategy", NpgsqlValueGenerationStrategy.IdentityByDefaultColumn),
                    StudyId = table.Column<Guid>(type: "uuid", nullable: false),
                    ImageId = table.Column<Guid>(type: "uuid", nullable: true),
                    Hash = table.Column<string>(type: "text", maxLength: 64, nullable: false, collation: "C"),
                    Thumbnail = table.Column<byte[]>(type: "bytea", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_StudyAppearances", x => x.Id);
                    table.ForeignKey(
                        name: "FK_StudyAppearances_Studies_StudyId",
                        column: x => x.StudyId,
                        principalTable: "Studies",
                        principalColumn: "Id",
                        onDelete: ReferentialAction.Cascade);
                });

            migrationBuilder.CreateTable(
                name: "StudyChanges",
                columns: table => new
                {
                    Id = table.Column<long>(type: "bigint", nullable: false)
                        .Annotation("Npgsql:ValueGenerationStrategy", NpgsqlValueGenerationStrategy.IdentityByDefaultColumn),
                    StudyId = table.Column<Guid>(type: "uuid", nullable: false),
                    ActionId = table.Column<Guid>(type: "uuid", nullable: false),
                    Before = table.Column<string>(type: "text", nullable: false),
                    After = table.Column<string>(type: "text", nullable: false),
                    Reason = table.Column<string>(type: "text", maxLength: 500, nullable: false, collation: "C"),
                    ChangedBy = table.Column<Guid>(type: "uuid", nullable: false),
                    ChangedByName = table.Column<string>(type: "text", maxLength: 256, nullable: false, collation: "C"),
                    ChangedAt = table.Column<long>(type: "bigint", nullable: false),
                    UndoesId = table.Column<long>(type: "bigint", nullable: true),
                    ImageId = table.Column<Guid>(type: "uuid", nullable: true)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_StudyChanges", x => x.Id);
                    table.ForeignKey(
                        name: "FK_StudyChanges_Studies_StudyId",
                        column: x => x.StudyId,
                        principalTable: "Studies",
                        principalColumn: "Id",
                        onDelete: ReferentialAction.Restrict);
                });

            migrationBuilder.CreateTable(
                name: "StudyImages",
                columns: table => new
                {
                    Id = table.Column<Guid>(type: "uuid", nullable: false),
                    StudyId = table.Column<Guid>(type: "uuid", nullable: false),
                    View = table.Column<int>(type: "integer", nullable: false),
                    Laterality = table.Column<string>(type: "text", maxLength: 16, nullable: true, collation: "C"),
                    BodyPart = table.Column<string>(type: "text", maxLength: 16, nullable: true, collation: "C"),
                    Modality = table.Column<string>(type: "text", maxLength: 16, nullable: true, collation: "C"),
                    PresentationIntent = table.Column<string>(type: "text", maxLength: 16, nullable: true, collation: "C"),
                    DicomStudyUid = table.Column<string>(type: "text", maxLength: 64, nullable: true, collation: "C"),
                    DicomSeriesUid = table.Column<string>(type: "text", maxLength: 64, nullable: true, collation: "C"),
                    DicomInstanceUid = table.Column<string>(type: "text", maxLength: 64, nullable: true, collation: "C"),
                    ReceivedAt = table.Column<long>(type: "bigint", nullable: false),
                    UploadedBy = table.Column<Guid>(type: "uuid", nullable: false),
                    PixelHash = table.Column<string>(type: "text", maxLength: 64, nullable: false, collation: "C"),
                    Width = table.Column<int>(type: "integer", nullable: false),
                    Height = table.Column<int>(type: "integer", nullable: false),
                    BitsStored = table.Column<int>(type: "integer", nullable: false),
                    MeanIntensity = table.Column<double>(type: "double precision", nullable: true),
                    IntensityDeviation = table.Column<double>(type: "double precision", nullable: true),
                    ImageKey = table.Column<string>(type: "text", maxLength: 32, nullable: false, collation: "C"),
                    WithheldReason = table.Column<string>(type: "text", maxLength: 500, nullable: true, collation: "C"),
                    IsLate = table.Column<bool>(type: "boolean", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_StudyImages", x => x.Id);
                    table.ForeignKey(
                        name: "FK_StudyImages_Studies_StudyId",
                        column: x => x.StudyId,
                        principalTable: "Studies",
                        principalColumn: "Id",
                        onDelete: ReferentialAction.Restrict);
                });

            migrationBuilder.CreateTable(
                name: "ShadowPredictions",
                columns: table => new
                {
                    Id = table.Column<long>(type: "bigint", nullable: false)
                        .Annotation("Npgsql:ValueGenerationStrategy", NpgsqlValueGenerationStrategy.IdentityByDefaultColumn),
                    PeriodId = table.Column<Guid>(type: "uuid", nullable: false),
                    StudyId = table.Column<Guid>(type: "uuid", nullable: false),
                    CreatedAt = table.Column<long>(type: "bigint", nullable: false),
                    Score = table.Column<double>(type: "double precision", nullable: false),
                    Threshold = table.Column<double>(type: "double precision", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_ShadowPredictions", x => x.Id);
                    table.ForeignKey(
                        name: "FK_ShadowPredictions_ShadowPeriods_PeriodId",
                        column: x => x.PeriodId,
                        principalTable: "ShadowPeriods",
                        principalColumn: "Id",
                        onDelete: ReferentialAction.Restrict);
                    table.ForeignKey(
                        name: "FK_ShadowPredictions_Studies_StudyId",
                        column: x => x.StudyId,
                        principalTable: "Studies",
                        principalColumn: "Id",
                        onDelete: ReferentialAction.Restrict);
                });

            migrationBuilder.CreateIndex(
                name: "IX_AccountSessions_AccountId_StartedAt",
                table: "AccountSessions",
                columns: new[] { "AccountId", "StartedAt" });

            migrationBuilder.CreateIndex(
                name: "IX_AccountSessions_LastUsedAt",
                table: "AccountSessions",
                column: "LastUsedAt");

            migrationBuilder.CreateIndex(
                name: "IX_ApiClients_Prefix",
                table: "ApiClients",
                column: "Prefix",
                unique: true);

            migrationBuilder.CreateIndex(
                name: "IX_AspNetRoleClaims_RoleId",
                table: "AspNetRoleClaims",
                column: "RoleId");

            migrationBuilder.CreateIndex(
                name: "RoleNameIndex",
                table: "AspNetRoles",
                column: "NormalizedName",
                unique: true)
                .Annotation("Npgsql:IndexNullSortOrder", new[] { NullSortOrder.NullsFirst });

            migrationBuilder.CreateIndex(
                name: "IX_AspNetUserClaims_UserId",
                table: "AspNetUserClaims",
                column: "UserId");

            migrationBuilder.CreateIndex(
                name: "IX_AspNetUserLogins_UserId",
                table: "AspNetUserLogins",
                column: "UserId");

            migrationBuilder.CreateIndex(
                name: "IX_AspNetUserPasskeys_UserId",
                table: "AspNetUserPasskeys",
                column: "UserId");

            migrationBuilder.CreateIndex(
                name: "IX_AspNetUserRoles_RoleId",
                table: "AspNetUserRoles",
                column: "RoleId");

            migrationBuilder.CreateIndex(
                name: "EmailIndex",
                table: "AspNetUsers",
                column: "NormalizedEmail")
                .Annotation("Npgsql:IndexNullSortOrder", new[] { NullSortOrder.NullsFirst });

            migrationBuilder.CreateIndex(
                name: "UserNameIndex",
                table: "AspNetUsers",
                column: "NormalizedUserName",
                unique: true)
                .Annotation("Npgsql:IndexNullSortOrder", new[] { NullSortOrder.NullsFirst });

            migrationBuilder.CreateIndex(
                name: "IX_Audit_At",
                table: "Audit",
                column: "At");

            migrationBuilder.CreateIndex(
                name: "IX_Audit_StudyId",
                table: "Audit",
                column: "StudyId")
                .Annotation("Npgsql:IndexNullSortOrder", new[] { NullSortOrder.NullsFirst });

            migrationBuilder.CreateIndex(
                name: "IX_Audit_UserName",
                table: "Audit",
                column: "UserName")
                .Annotation("Npgsql:IndexNullSortOrder", new[] { NullSortOrder.NullsFirst });

            migrationBuilder.CreateIndex(
                name: "IX_DataSetVersions_ParentId",
                table: "DataSetVersions",
                column: "ParentId")
                .Annotation("Npgsql:IndexNullSortOrder", new[] { NullSortOrder.NullsFirst });

            migrationBuilder.CreateIndex(
                name: "IX_DataSetVersions_SetId_Number",
                table: "DataSetVersions",
                columns: new[] { "SetId", "Number" },
                unique: true);

            migrationBuilder.CreateIndex(
                name: "IX_Disclosures_StudyId",
                table: "Disclosures",
                column: "StudyId");

            migrationBuilder.CreateIndex(
                name: "IX_GateResults_ModelVersionId",
                table: "GateResults",
                column: "ModelVersionId");

            migrationBuilder.CreateIndex(
                name: "IX_GateResults_RunId",
                table: "GateResults",
                column: "RunId",
                unique: true);

            migrationBuilder.CreateIndex(
                name: "IX_GoldenAnswers_ModelVersionId_Program",
                table: "GoldenAnswers",
                columns: new[] { "ModelVersionId", "Program" },
                unique: true);

            migrationBuilder.CreateIndex(
                name: "IX_Jobs_State_NotBefore",
                table: "Jobs",
                columns: new[] { "State", "NotBefore" });

            migrationBuilder.CreateIndex(
                name: "IX_KeptDrafts_StudyId",
                table: "KeptDrafts",
                column: "StudyId");

            migrationBuilder.CreateIndex(
                name: "IX_LocalAcceptances_ModelVersionId_Id",
                table: "LocalAcceptances",
                columns: new[] { "ModelVersionId", "Id" });

            migrationBuilder.CreateIndex(
                name: "IX_ModelPeriods_ModelVersionId",
                table: "ModelPeriods",
                column: "ModelVersionId");

            migrationBuilder.CreateIndex(
                name: "IX_ModelPeriods_Number",
                table: "ModelPeriods",
                column: "Number",
                unique: true);

            migrationBuilder.CreateIndex(
                name: "IX_ModelSignatures_ModelVersionId",
                table: "ModelSignatures",
                column: "ModelVersionId");

            migrationBuilder.CreateIndex(
                name: "IX_ModelVersions_IsActive",
                table: "ModelVersions",
                column: "IsActive",
                unique: true,
                filter: "\"IsActive\"");

            migrationBuilder.CreateIndex(
                name: "IX_ModelVersions_Number",
                table: "ModelVersions",
                column: "Number",
                unique: true);

            migrationBuilder.CreateIndex(
                name: "IX_ModelVersions_Sha256",
                table: "ModelVersions",
                column: "Sha256",
                unique: true);

            migrationBuilder.CreateIndex(
                name: "IX_ModelVersions_WeightsSha256",
                table: "ModelVersions",
                column: "WeightsSha256")
                .Annotation("Npgsql:IndexNullSortOrder", new[] { NullSortOrder.NullsFirst });

            migrationBuilder.CreateIndex(
                name: "IX_OutgoingResults_Destination_State_NotBefore",
                table: "OutgoingResults",
                columns: new[] { "Destination", "State", "NotBefore" });

            migrationBuilder.CreateIndex(
                name: "IX_OutgoingResults_State_Id",
                table: "OutgoingResults",
                columns: new[] { "State", "Id" });

            migrationBuilder.CreateIndex(
                name: "IX_OutgoingResults_StudyId_Destination_Version_Kind",
                table: "OutgoingResults",
                columns: new[] { "StudyId", "Destination", "Version", "Kind" },
                unique: true);

            migrationBuilder.CreateIndex(
                name: "IX_Predictions_ModelVersionId",
                table: "Predictions",
                column: "ModelVersionId");

            migrationBuilder.CreateIndex(
                name: "IX_Predictions_StudyId",
                table: "Predictions",
                column: "StudyId");

            migrationBuilder.CreateIndex(
                name: "IX_QualityAlerts_AcknowledgedAt",
                table: "QualityAlerts",
                column: "AcknowledgedAt")
                .Annotation("Npgsql:IndexNullSortOrder", new[] { NullSortOrder.NullsFirst });

            migrationBuilder.CreateIndex(
                name: "IX_QualityAlerts_Kind_PeriodFrom",
                table: "QualityAlerts",
                columns: new[] { "Kind", "PeriodFrom" },
                unique: true,
                filter: "\"ModelVersionId\" IS NULL");

            migrationBuilder.CreateIndex(
                name: "IX_QualityAlerts_Kind_PeriodFrom_ModelVersionId",
                table: "QualityAlerts",
                columns: new[] { "Kind", "PeriodFrom", "ModelVersionId" },
                unique: true)
                .Annotation("Npgsql:IndexNullSortOrder", new[] { NullSortOrder.NullsLast, NullSortOrder.NullsLast, NullSortOrder.NullsFirst });

            migrationBuilder.CreateIndex(
                name: "IX_QualityAlerts_ModelVersionId",
                table: "QualityAlerts",
                column: "ModelVersionId")
                .Annotation("Npgsql:IndexNullSortOrder", new[] { NullSortOrder.NullsFirst });

            migrationBuilder.CreateIndex(
                name: "IX_ReadRequests_ReaderId_StudyId",
                table: "ReadRequests",
                columns: new[] { "ReaderId", "StudyId" })
                .Annotation("Npgsql:IndexNullSortOrder", new[] { NullSortOrder.NullsFirst, NullSortOrder.NullsLast });

            migrationBuilder.CreateIndex(
                name: "IX_ReadRequests_StudyId",
                table: "ReadRequests",
                column: "StudyId",
                unique: true,
                filter: "\"ReaderId\" IS NULL");

            migrationBuilder.CreateIndex(
                name: "IX_ReadRequests_StudyId_ReaderId",
                table: "ReadRequests",
                columns: new[] { "StudyId", "ReaderId" },
                unique: true)
                .Annotation("Npgsql:IndexNullSortOrder", new[] { NullSortOrder.NullsLast, NullSortOrder.NullsFirst });

            migrationBuilder.CreateIndex(
                name: "IX_Readings_StudyId_ReaderId",
                table: "Readings",
                columns: new[] { "StudyId", "ReaderId" });

            migrationBuilder.CreateIndex(
                name: "IX_Readings_StudyId_ReaderId_Stage",
                table: "Readings",
                columns: new[] { "StudyId", "ReaderId", "Stage" },
                unique: true,
                filter: "\"SupersedesId\" IS NULL");

            migrationBuilder.CreateIndex(
                name: "IX_Readings_SubmissionId",
                table: "Readings",
                column: "SubmissionId",
                unique: true);

            migrationBuilder.CreateIndex(
                name: "IX_Readings_SupersedesId",
                table: "Readings",
                column: "SupersedesId",
                unique: true,
                filter: "\"SupersedesId\" IS NOT NULL")
                .Annotation("Npgsql:IndexNullSortOrder", new[] { NullSortOrder.NullsFirst });

            migrationBuilder.CreateIndex(
                name: "IX_ReceivedMessages_Application_Facility_ControlId",
                table: "ReceivedMessages",
                columns: new[] { "Application", "Facility", "ControlId" },
                unique: true);

            migrationBuilder.CreateIndex(
                name: "IX_ReceivedMessages_State_Id",
                table: "ReceivedMessages",
                columns: new[] { "State", "Id" });

            migrationBuilder.CreateIndex(
                name: "IX_ReceivedObjects_InstanceUid",
                table: "ReceivedObjects",
                column: "InstanceUid")
                .Annotation("Npgsql:IndexNullSortOrder", new[] { NullSortOrder.NullsFirst });

            migrationBuilder.CreateIndex(
                name: "IX_ReceivedObjects_Sha256",
                table: "ReceivedObjects",
                column: "Sha256")
                .Annotation("Npgsql:IndexNullSortOrder", new[] { NullSortOrder.NullsFirst });

            migrationBuilder.CreateIndex(
                name: "IX_ReceivedObjects_State_Id",
                table: "ReceivedObjects",
                columns: new[] { "State", "Id" });

            migrationBuilder.CreateIndex(
                name: "IX_ReceivedObjects_StudyId",
                table: "ReceivedObjects",
                column: "StudyId")
                .Annotation("Npgsql:IndexNullSortOrder", new[] { NullSortOrder.NullsFirst });

            migrationBuilder.CreateIndex(
                name: "IX_ReferenceFindings_StudyId_Source",
                table: "ReferenceFindings",
                columns: new[] { "StudyId", "Source" },
                unique: true,
                filter: "\"SupersedesId\" IS NULL");

            migrationBuilder.CreateIndex(
                name: "IX_ReferenceFindings_StudyId_Source_Result",
                table: "ReferenceFindings",
                columns: new[] { "StudyId", "Source", "Result" });

            migrationBuilder.CreateIndex(
                name: "IX_ReferenceFindings_SupersedesId",
                table: "ReferenceFindings",
                column: "SupersedesId",
                unique: true,
                filter: "\"SupersedesId\" IS NOT NULL")
                .Annotation("Npgsql:IndexNullSortOrder", new[] { NullSortOrder.NullsFirst });

            migrationBuilder.CreateIndex(
                name: "IX_RetrainingRuns_DataSetVersionId",
                table: "RetrainingRuns",
                column: "DataSetVersionId")
                .Annotation("Npgsql:IndexNullSortOrder", new[] { NullSortOrder.NullsFirst });

            migrationBuilder.CreateIndex(
                name: "IX_RetrainingRuns_ModelVersionId",
                table: "RetrainingRuns",
                column: "ModelVersionId")
                .Annotation("Npgsql:IndexNullSortOrder", new[] { NullSortOrder.NullsFirst });

            migrationBuilder.CreateIndex(
                name: "IX_RetrainingRuns_Number",
                table: "RetrainingRuns",
                column: "Number",
                unique: true);

            migrationBuilder.CreateIndex(
                name: "IX_SavedFilters_OwnerId",
                table: "SavedFilters",
                column: "OwnerId",
                unique: true,
                filter: "\"IsDefault\"");

            migrationBuilder.CreateIndex(
                name: "IX_SavedFilters_OwnerId_Name",
                table: "SavedFilters",
                columns: new[] { "OwnerId", "Name" },
                unique: true);

            migrationBuilder.CreateIndex(
                name: "IX_ShadowPeriods_IsOpen",
                table: "ShadowPeriods",
                column: "IsOpen",
                unique: true,
                filter: "\"IsOpen\"");

            migrationBuilder.CreateIndex(
                name: "IX_ShadowPeriods_ModelVersionId",
                table: "ShadowPeriods",
                column: "ModelVersionId");

            migrationBuilder.CreateIndex(
                name: "IX_ShadowPredictions_PeriodId_StudyId",
                table: "ShadowPredictions",
                columns: new[] { "PeriodId", "StudyId" },
                unique: true);

            migrationBuilder.CreateIndex(
                name: "IX_ShadowPredictions_StudyId",
                table: "ShadowPredictions",
                column: "StudyId");

            migrationBuilder.CreateIndex(
                name: "IX_Studies_AgeYears_Id",
                table: "Studies",
                columns: new[] { "AgeYears", "Id" },
                filter: "NOT \"IsWithdrawn\"")
                .Annotation("Npgsql:IndexNullSortOrder", new[] { NullSortOrder.NullsFirst, NullSortOrder.NullsLast });

            migrationBuilder.CreateIndex(
                name: "IX_Studies_AssignedTo_ReadCount_WaitsUrgently_ReceivedAt_Id",
                table: "Studies",
                columns: new[] { "AssignedTo", "ReadCount", "WaitsUrgently", "ReceivedAt", "Id" },
                descending: new[] { false, false, true, true, true },
                filter: "NOT \"IsWithdrawn\"")
                .Annotation("Npgsql:IndexNullSortOrder", new[] { NullSortOrder.NullsFirst, NullSortOrder.NullsLast, NullSortOrder.NullsFirst, NullSortOrder.NullsFirst, NullSortOrder.NullsFirst });

            migrationBuilder.CreateIndex(
                name: "IX_Studies_CopyOf",
                table: "Studies",
                column: "CopyOf",
                filter: "\"CopyOf\" IS NOT NULL")
                .Annotation("Npgsql:IndexNullSortOrder", new[] { NullSortOrder.NullsFirst });

            migrationBuilder.CreateIndex(
                name: "IX_Studies_DicomStudyUid",
                table: "Studies",
                column: "DicomStudyUid",
                filter: "\"DicomStudyUid\" IS NOT NULL")
                .Annotation("Npgsql:IndexNullSortOrder", new[] { NullSortOrder.NullsFirst });

            migrationBuilder.CreateIndex(
                name: "IX_Studies_PatientNumber_ReceivedAt_Id",
                table: "Studies",
                columns: new[] { "PatientNumber", "ReceivedAt", "Id" },
                filter: "NOT \"IsWithdrawn\"")
                .Annotation("Npgsql:IndexNullSortOrder", new[] { NullSortOrder.NullsFirst, NullSortOrder.NullsLast, NullSortOrder.NullsLast });

            migrationBuilder.CreateIndex(
                name: "IX_Studies_PixelHash",
                table: "Studies",
                column: "PixelHash",
                unique: true);

            migrationBuilder.CreateIndex(
                name: "IX_Studies_PredictedClass_ReadCount_WaitsUrgently_ReceivedAt_Id",
                table: "Studies",
                columns: new[] { "PredictedClass", "ReadCount", "WaitsUrgently", "ReceivedAt", "Id" },
                descending: new[] { false, false, true, true, true },
                filter: "NOT \"IsWithdrawn\"")
                .Annotation("Npgsql:IndexNullSortOrder", new[] { NullSortOrder.NullsFirst, NullSortOrder.NullsLast, NullSortOrder.NullsFirst, NullSortOrder.NullsFirst, NullSortOrder.NullsFirst });

            migrationBuilder.CreateIndex(
                name: "IX_Studies_Probability_Id",
                table: "Studies",
                columns: new[] { "Probability", "Id" },
                filter: "NOT \"IsWithdrawn\"")
                .Annotation("Npgsql:IndexNullSortOrder", new[] { NullSortOrder.NullsFirst, NullSortOrder.NullsLast });

            migrationBuilder.CreateIndex(
                name: "IX_Studies_ReadCount_WaitsUrgently_ReceivedAt_Id",
                table: "Studies",
                columns: new[] { "ReadCount", "WaitsUrgently", "ReceivedAt", "Id" },
                descending: new[] { false, true, true, true },
                filter: "NOT \"IsWithdrawn\"");

            migrationBuilder.CreateIndex(
                name: "IX_Studies_ReceivedAt_Id",
                table: "Studies",
                columns: new[] { "ReceivedAt", "Id" },
                filter: "NOT \"IsWithdrawn\"");

            migrationBuilder.CreateIndex(
                name: "IX_Studies_Status_ReadCount_WaitsUrgently_ReceivedAt_Id",
                table: "Studies",
                columns: new[] { "Status", "ReadCount", "WaitsUrgently", "ReceivedAt", "Id" },
                descending: new[] { false, false, true, true, true },
                filter: "NOT \"IsWithdrawn\"");

            migrationBuilder.CreateIndex(
                name: "IX_Studies_Urgent",
                table: "Studies",
                columns: new[] { "ReadCount", "WaitsUrgently", "ReceivedAt", "Id" },
                descending: new[] { false, true, true, true },
                filter: "\"Urgency\" IS NOT NULL AND NOT \"IsWithdrawn\"");

            migrationBuilder.CreateIndex(
                name: "IX_StudyAppearances_ImageId",
                table: "StudyAppearances",
                column: "ImageId",
                unique: true,
                filter: "\"ImageId\" IS NOT NULL")
                .Annotation("Npgsql:IndexNullSortOrder", new[] { NullSortOrder.NullsFirst });

            migrationBuilder.CreateIndex(
                name: "IX_StudyAppearances_StudyId",
                table: "StudyAppearances",
                column: "StudyId");

            migrationBuilder.CreateIndex(
                name: "IX_StudyChanges_ActionId",
                table: "StudyChanges",
                column: "ActionId");

            migrationBuilder.CreateIndex(
                name: "IX_StudyChanges_StudyId_Id",
                table: "StudyChanges",
                columns: new[] { "StudyId", "Id" });

            migrationBuilder.CreateIndex(
                name: "IX_StudyChanges_UndoesId",
                table: "StudyChanges",
                column: "UndoesId",
                unique: true,
                filter: "\"UndoesId\" IS NOT NULL")
                .Annotation("Npgsql:IndexNullSortOrder", new[] { NullSortOrder.NullsFirst });

            migrationBuilder.CreateIndex(
                name: "IX_StudyImages_DicomInstanceUid",
                table: "StudyImages",
                column: "DicomInstanceUid",
                filter: "\"DicomInstanceUid\" IS NOT NULL")
                .Annotation("Npgsql:IndexNullSortOrder", new[] { NullSortOrder.NullsFirst });

            migrationBuilder.CreateIndex(
                name: "IX_StudyImages_DicomStudyUid",
                table: "StudyImages",
                column: "DicomStudyUid",
                filter: "\"DicomStudyUid\" IS NOT NULL")
                .Annotation("Npgsql:IndexNullSortOrder", new[] { NullSortOrder.NullsFirst });

            migrationBuilder.CreateIndex(
                name: "IX_StudyImages_IsLate",
                table: "StudyImages",
                column: "IsLate",
                filter: "\"IsLate\"");

            migrationBuilder.CreateIndex(
                name: "IX_StudyImages_PixelHash",
                table: "StudyImages",
                column: "PixelHash",
                unique: true);

            migrationBuilder.CreateIndex(
                name: "IX_StudyImages_StudyId",
                table: "StudyImages",
                column: "StudyId");

            migrationBuilder.CreateIndex(
                name: "IX_WebhookMessages_Address_State_NotBefore",
                table: "WebhookMessages",
                columns: new[] { "Address", "State", "NotBefore" });

            migrationBuilder.CreateIndex(
                name: "IX_WebhookMessages_State_Id",
                table: "WebhookMessages",
                columns: new[] { "State", "Id" });
        }

        /// <inheritdoc />
        protected override void Down(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.DropTable(
                name: "AccountSessions");

            migrationBuilder.DropTable(
                name: "ApiClients");

            migrationBuilder.DropTable(
                name: "ApiSubmissions");

            migrationBuilder.DropTable(
                name: "AspNetRoleClaims");

            migrationBuilder.DropTable(
                name: "AspNetUserClaims");

            migrationBuilder.DropTable(
                name: "AspNetUserLogins");

            migrationBuilder.DropTable(
                name: "AspNetUserPasskeys");

            migrationBuilder.DropTable(
                name: "AspNetUserRoles");

            migrationBuilder.DropTable(
                name: "AspNetUserTokens");

            migrationBuilder.DropTable(
                name: "Audit");

            migrationBuilder.DropTable(
                name: "Disclosures");

            migrationBuilder.DropTable(
                name: "GateResults");

            migrationBuilder.DropTable(
                name: "GoldenAnswers");

            migrationBuilder.DropTable(
                name: "Jobs");

            migrationBuilder.DropTable(
                name: "KeptDrafts");

            migrationBuilder.DropTable(
                name: "LocalAcceptances");

            migrationBuilder.DropTable(
                name: "ModelNotices");

            migrationBuilder.DropTable(
                name: "ModelPeriods");

            migrationBuilder.DropTable(
                name: "ModelSignatures");

            migrationBuilder.DropTable(
                name: "OutgoingResults");

            migrationBuilder.DropTable(
                name: "PolicyChanges");

            migrationBuilder.DropTable(
                name: "Predictions");

            migrationBuilder.DropTable(
                name: "QualityAlerts");

            migrationBuilder.DropTable(
                name: "QualitySettings");

            migrationBuilder.DropTable(
                name: "ReadRequests");

            migrationBuilder.DropTable(
                name: "Readings");

            migrationBuilder.DropTable(
                name: "ReceivedMessages");

            migrationBuilder.DropTable(
                name: "ReceivedObjects");

            migrationBuilder.DropTable(
                name: "ReferenceFindings");

            migrationBuilder.DropTable(
                name: "ResultDestinations");

            migrationBuilder.DropTable(
                name: "RetrainingRuns");

            migrationBuilder.DropTable(
                name: "SavedFilters");

            migrationBuilder.DropTable(
                name: "ShadowPredictions");

            migrationBuilder.DropTable(
                name: "StudyAppearances");

            migrationBuilder.DropTable(
                name: "StudyChanges");

            migrationBuilder.DropTable(
                name: "StudyImages");

            migrationBuilder.DropTable(
                name: "WebhookAddresses");

            migrationBuilder.DropTable(
                name: "WebhookMessages");

            migrationBuilder.DropTable(
                name: "AspNetRoles");

            migrationBuilder.DropTable(
                name: "AspNetUsers");

            migrationBuilder.DropTable(
                name: "DataSetVersions");

            migrationBuilder.DropTable(
                name: "ShadowPeriods");

            migrationBuilder.DropTable(
                name: "Studies");

            migrationBuilder.DropTable(
                name: "ModelVersions");
        }
    }
}
