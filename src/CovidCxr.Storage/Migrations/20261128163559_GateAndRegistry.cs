using System;
using Microsoft.EntityFrameworkCore.Migrations;

#nullable disable

namespace CovidCxr.Storage.Migrations
{
    /// <inheritdoc />
    public partial class GateAndRegistry : Migration
    {
        /// <inheritdoc />
        protected override void Up(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.CreateTable(
                name: "GateResults",
                columns: table => new
                {
                    Id = table.Column<Guid>(type: "TEXT", nullable: false),
                    ModelVersionId = table.Column<Guid>(type: "TEXT", nullable: false),
                    RunId = table.Column<Guid>(type: "TEXT", nullable: false),
                    MeasuredAt = table.Column<long>(type: "INTEGER", nullable: false),
                    Evidence = table.Column<string>(type: "TEXT", nullable: false)
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
                name: "ModelNotices",
                columns: table => new
                {
                    UserId = table.Column<Guid>(type: "TEXT", nullable: false),
                    PeriodId = table.Column<Guid>(type: "TEXT", nullable: false),
                    SeenAt = table.Column<long>(type: "INTEGER", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_ModelNotices", x => new { x.UserId, x.PeriodId });
                });

            migrationBuilder.CreateTable(
                name: "ModelPeriods",
                columns: table => new
                {
                    Id = table.Column<Guid>(type: "TEXT", nullable: false),
                    Number = table.Column<int>(type: "INTEGER", nullable: false),
                    ModelVersionId = table.Column<Guid>(type: "TEXT", nullable: false),
                    From = table.Column<long>(type: "INTEGER", nullable: false),
                    Until = table.Column<long>(type: "INTEGER", nullable: true),
                    StartedBy = table.Column<Guid>(type: "TEXT", nullable: true),
                    StartedByName = table.Column<string>(type: "TEXT", maxLength: 256, nullable: true),
                    IsRollBack = table.Column<bool>(type: "INTEGER", nullable: false),
                    IsWithdrawn = table.Column<bool>(type: "INTEGER", nullable: false)
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
                    Id = table.Column<Guid>(type: "TEXT", nullable: false),
                    ModelVersionId = table.Column<Guid>(type: "TEXT", nullable: false),
                    EvidenceHash = table.Column<string>(type: "TEXT", maxLength: 64, nullable: false),
                    SignedBy = table.Column<Guid>(type: "TEXT", nullable: false),
                    SignedByName = table.Column<string>(type: "TEXT", maxLength: 256, nullable: false),
                    SignedAt = table.Column<long>(type: "INTEGER", nullable: false)
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

            // What is active already has been so since it was activated; who did it stands in the audit trail.
            migrationBuilder.Sql(
                """
                INSERT INTO "ModelPeriods" ("Id", "Number", "ModelVersionId", "From", "IsRollBack", "IsWithdrawn")
                SELECT "Id", 1, "Id", COALESCE("ActivatedAt", "RegisteredAt"), 0, 0 FROM "ModelVersions" WHERE "IsActive" = 1
                """);
        }

        /// <inheritdoc />
        protected override void Down(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.DropTable(
                name: "GateResults");

            migrationBuilder.DropTable(
                name: "ModelNotices");

            migrationBuilder.DropTable(
                name: "ModelPeriods");

            migrationBuilder.DropTable(
                name: "ModelSignatures");
        }
    }
}
