// Written by tools/zone-names.mjs: do not edit.

/**
 * What zones call their time. A line: the zones, a tab, and runs with semicolons between them. A run: when it begins (seconds,
 * base 36; the first has none), then each name with the offset it stands for (seconds). An offset that a run does not
 * name is written in digits where it is whole minutes, and is local mean time where it is not.
 */
export const zoneNames: string = `
Africa/Abidjan Africa/Accra Africa/Bissau Africa/Conakry Africa/Dakar Africa/Lome Africa/Nouakchott Africa/Ouagadougou Africa/Timbuktu America/Danmarkshavn Etc/GMT Etc/GMT+0 Etc/GMT-0 Etc/GMT0 Etc/Greenwich GMT GMT+0 GMT-0 GMT0 Greenwich Iceland	 GMT 0
Africa/Addis_Ababa	 ADMT 9320 EAT 10800
Africa/Algiers	 WET 0 PMT 561 WEST 3600;-fkul40 WET 0 CET 3600 CEST 7200;oot80 WET 0 WEST 3600;42lp80 WET 0 CET 3600 CEST 7200;5drxc0 WET 0 WEST 3600;5wuyo0 CET 3600
Africa/Asmara	;-1g6t8j8 ADMT 9320 AMT 9332 EAT 10800
Africa/Asmera Africa/Dar_es_Salaam Africa/Djibouti Africa/Kampala Africa/Mogadishu Africa/Nairobi Indian/Comoro Indian/Mayotte	 EAT 10800
Africa/Bamako	 LMT -1920 GMT 0
Africa/Bangui Africa/Brazzaville Africa/Douala Africa/Kinshasa Africa/Libreville Africa/Luanda	 WAT 3600
Africa/Banjul	;-u9re90 BMT -3996 GMT 0
Africa/Blantyre	 CAT 7200 LMT 8400 ZMT 8460 ZMT 8470
Africa/Bujumbura Africa/Harare Africa/Kigali Africa/Lusaka Africa/Maputo	 CAT 7200
Africa/Cairo Asia/Nicosia Egypt Europe/Nicosia	 EET 7200 EEST 10800
Africa/Ceuta	 WET 0 WEST 3600;7eveo0 CET 3600 CEST 7200
Africa/Freetown	 LMT -3180;-19xcavo FMT -3180 GMT 0
Africa/Gaborone	 SAST 5400 CAT 7200 CAST 10800
Africa/Johannesburg	 SAST 5400 LMT 6720 SAST 7200 SAST 10800
Africa/Juba Africa/Khartoum	 CAT 7200 CAST 10800;fodfs0 CAT 7200 EAT 10800
Africa/Lagos Africa/Malabo Africa/Niamey Africa/Porto-Novo Africa/Sao_Tome	 GMT 0 WAT 3600
Africa/Lubumbashi	 WAT 3600 CAT 7200
Africa/Maseru	 LMT 6600 SAST 7200 SAST 10800
Africa/Mbabane	 SAST 7200
Africa/Monrovia	;-19xcbc4 MMT -2670 MMT -2588 GMT 0
Africa/Ndjamena	 WAT 3600 WAST 7200
Africa/Tripoli Libya	 CET 3600 CEST 7200;-5qotg0 CET 3600 EET 7200;6e3980 CET 3600 CEST 7200;am3h80 CET 3600 EET 7200;e833w0 CEST 7200;ehhx40 CET 3600 EET 7200;mkeao0 CEST 7200;mv76o0 EET 7200
Africa/Tunis	 PMT 561 CET 3600 CEST 7200
Africa/Windhoek	 SAST 7200 SAST 10800;ajtx40 WAT 3600 CAT 7200
America/Adak America/Atka US/Aleutian	 NST -39600 NWT -36000;-cq2tg0 NST -39600 NPT -36000;-1fq440 BST -39600 BDT -36000;77ss00 AHST -36000;79e140 HST -36000 HDT -32400
America/Anchorage US/Alaska	 AST -36000 AWT -32400;-cq2tg0 AST -36000 APT -32400;-1fq6w0 AHST -36000 AHDT -32400;77sp80 YST -32400;79dyc0 AKST -32400 AKDT -28800
America/Anguilla America/Aruba America/Curacao America/Dominica America/Guadeloupe America/Miquelon America/Montserrat America/Port_of_Spain America/St_Kitts America/St_Thomas America/Tortola	 AST -14400
America/Antigua	 EST -18000 AST -14400
America/Argentina/Buenos_Aires America/Argentina/Catamarca America/Argentina/ComodRivadavia America/Argentina/Jujuy America/Argentina/La_Rioja America/Argentina/Mendoza America/Argentina/Rio_Gallegos America/Argentina/Salta America/Argentina/San_Juan America/Argentina/San_Luis America/Argentina/Tucuman America/Argentina/Ushuaia America/Buenos_Aires America/Catamarca America/Jujuy America/Mendoza	 CMT -15408
America/Argentina/Cordoba America/Cordoba America/Rosario	;-138a9g0 CMT -15408
America/Asuncion	;-15r0ynk AMT -13840
America/Atikokan	 CST -21600 CDT -18000;-ek21s0 CWT -18000;-cq2tg0 CPT -18000;-cnp0k0 EST -18000
America/Bahia_Banderas	 LMT -25260 MST -25200 CST -21600;-k6mpw0 MST -25200 MDT -21600;-jpan80 MST -25200 CST -21600;dphic0 MST -25200 MDT -21600 CDT -18000;lb57g0 CST -21600 CDT -18000
America/Barbados America/Thule	 AST -14400 ADT -10800
America/Belize	 CST -21600 CWT -18000;-cq2tg0 CST -21600 CPT -18000;21s0o0 CST -21600 CDT -18000
America/Blanc-Sablon	 AST -14400 ADT -10800;-ek27c0 AWT -10800;-cq2tg0 AST -14400 APT -10800
America/Bogota	;-18s2sy8 BMT -17776
America/Boise	 PST -28800 PDT -25200;-oc9iw0 MST -25200 MWT -21600;-cq2tg0 MST -25200 MPT -21600;-1e8kc0 MST -25200 MDT -21600
America/Cambridge_Bay	 MST -25200 MWT -21600 -00 0;-cq2tg0 MST -25200 MPT -21600;17qro0 MST -25200 MDT -21600;fkgjk0 CST -21600 CDT -18000;g36jg0 CST -21600 EST -18000;gb3vo0 MST -25200 MDT -21600
America/Cancun	 CST -21600 EST -18000;dphfk0 CST -21600 CDT -18000;eincs0 EST -18000 EDT -14400;ex1so0 CST -21600 CDT -18000;nj3280 EST -18000
America/Caracas	 CMT -16060
America/Cayman	 KMT -18430 EST -18000
America/Chicago CST6CDT US/Central	 CST -21600 CDT -18000;-hnqf40 CST -21600 EST -18000;-h24n40 CST -21600 CDT -18000;-ek21s0 CWT -18000;-cq2tg0 CST -21600 CPT -18000;-ccw1s0 CST -21600 CDT -18000
America/Chihuahua	 MST -25200 CST -21600;-k6mpw0 MST -25200 MDT -21600;-jpan80 CST -21600 CDT -18000;eqxno0 MST -25200 MDT -21600;rkk3k0 CST -21600
America/Ciudad_Juarez	 MST -25200 CST -21600;-k6mpw0 MST -25200 MDT -21600;-jpan80 CST -21600 CDT -18000;eqxno0 MST -25200 MDT -21600;rkk3k0 MST -25200 CST -21600;rm5co0 MST -25200 MDT -21600
America/Coral_Harbour America/Panama EST	 CMT -19176 EST -18000
America/Costa_Rica	;-15r0trn CST -21600 SJMT -20173 CDT -18000
America/Coyhaique America/Punta_Arenas	 SMT -16965
America/Creston	 PST -28800 MST -25200
America/Dawson	 YST -32400 YDT -28800;-ek1tg0 YWT -28800;-cq2tg0 YST -32400 YPT -28800 YDDT -25200;1ztvo0 PST -28800 PDT -25200;qj3vg0 MST -25200
America/Dawson_Creek	 PST -28800 PDT -25200;-ek1w80 PWT -25200;-cq2tg0 PST -28800 PPT -25200;-bu5tk0 PST -28800 PDT -25200;1e0p00 MST -25200
America/Denver America/Shiprock MST7MDT Navajo US/Mountain	 MST -25200 MDT -21600;-ek1z00 MWT -21600;-cq2tg0 MST -25200 MPT -21600;-2g1oc0 MST -25200 MDT -21600
America/Detroit US/Michigan	 CST -21600 EST -18000 EWT -14400;-cq2tg0 EST -18000 EPT -14400;-bbfz80 EST -18000 EDT -14400
America/Edmonton America/Yellowknife Canada/Mountain	 MST -25200 MDT -21600;-ek1z00 MWT -21600;-cq2tg0 MST -25200 MPT -21600;-bu5wc0 MST -25200 MDT -21600
America/El_Salvador America/Guatemala America/Tegucigalpa	 CST -21600 CDT -18000
America/Ensenada America/Santa_Isabel America/Tijuana Mexico/BajaNorte	 PST -28800 MST -25200;-k84cg0 PST -28800 PDT -25200;-eg90g0 PWT -25200;-cq2tg0 PST -28800 PPT -25200;-bcgxs0 PST -28800 PDT -25200
America/Fort_Nelson	 PST -28800 PDT -25200;-ek1w80 PWT -25200;-cq2tg0 PST -28800 PPT -25200;-bu5tk0 PST -28800 PDT -25200;nkw140 MST -25200
America/Fort_Wayne America/Indiana/Indianapolis America/Indianapolis US/East-Indiana	 CST -21600 CDT -18000;-ek21s0 CWT -18000;-cq2tg0 CST -21600 CPT -18000;-ccw1s0 CST -21600 CDT -18000;-7o0f40 CST -21600 EST -18000 EDT -14400
America/Fortaleza	 LMT -9240
America/Glace_Bay	 AST -14400 ADT -10800;-ek27c0 AWT -10800;-cq2tg0 AST -14400 APT -10800;-8pgq00 AST -14400 ADT -10800
America/Goose_Bay	 NST -12652 NST -12600 NDT -9052 NDT -9000;-efdvm0 NWT -9000;-cq2tg0 NST -12600 NPT -9000;-cc6be0 AST -14400 NST -12600 ADT -10800 NDT -9000 ADDT -7200
America/Grand_Turk	 KMT -18430 EST -18000 EDT -14400;nkvss0 AST -14400;p5ezg0 EST -18000 EDT -14400
America/Grenada	 LMT -14820 AST -14400
America/Guayaquil	 QMT -18840
America/Halifax Canada/Atlantic	 AST -14400 ADT -10800;-ek27c0 AWT -10800;-cq2tg0 AST -14400 APT -10800;-ccw7c0 AST -14400 ADT -10800
America/Havana Cuba	 HMT -19776 CST -18000 CDT -14400
America/Hermosillo America/Mazatlan Mexico/BajaSur	 MST -25200 CST -21600;-k6mpw0 MST -25200 MDT -21600;-jpan80 MST -25200 CST -21600;dphic0 MST -25200 MDT -21600
America/Indiana/Knox America/Knox_IN US/Indiana-Starke	 CST -21600 CDT -18000;-ek21s0 CWT -18000;-cq2tg0 CST -21600 CPT -18000;-bu5z40 CST -21600 CDT -18000;-407z40 CST -21600 EST -18000;-1e8n40 CST -21600 CDT -18000;bdxy40 EST -18000;ix3240 CST -21600 CDT -18000
America/Indiana/Marengo	 CST -21600 CDT -18000;-ek21s0 CWT -18000;-cq2tg0 CST -21600 CPT -18000;-9qwps0 CST -21600 CDT -18000;-4iy1s0 EST -18000 EDT -14400;23fcs0 CDT -18000;2ijss0 EST -18000 EDT -14400
America/Indiana/Petersburg	 CST -21600 CDT -18000;-ek21s0 CWT -18000;-cq2tg0 CST -21600 CPT -18000;-7nnm00 CST -21600 CDT -18000;-2g1r40 CST -21600 EST -18000;-1e8n40 CST -21600 CDT -18000;432zg0 EST -18000;ix3240 CST -21600 CDT -18000;jqyzg0 EST -18000 EDT -14400
America/Indiana/Tell_City	 CST -21600 CDT -18000;-ek21s0 CWT -18000;-cq2tg0 CST -21600 CPT -18000;-7nnm00 CST -21600 CDT -18000;-2yrts0 CST -21600 EST -18000;-vikg0 CST -21600 CDT -18000 EDT -14400;-3fm00 EST -18000 EDT -14400;ix3240 CST -21600 CDT -18000
America/Indiana/Vevay	 CST -21600 CDT -18000;-ek21s0 CWT -18000;-cq2tg0 CST -21600 CPT -18000;-86qhs0 EST -18000 EDT -14400
America/Indiana/Vincennes	 CST -21600 CDT -18000;-ek21s0 CWT -18000;-cq2tg0 CST -21600 CPT -18000;-ccw1s0 CST -21600 CDT -18000;-2yrts0 EST -18000 EDT -14400;ix3240 CST -21600 CDT -18000;jqyzg0 EST -18000 EDT -14400
America/Indiana/Winamac	 CST -21600 CDT -18000;-ek21s0 CWT -18000;-cq2tg0 CST -21600 CPT -18000;-ccw1s0 CST -21600 CDT -18000;-4iy1s0 EST -18000 EDT -14400;ix3240 CST -21600 CDT -18000 EDT -14400;jeqbk0 EST -18000 EDT -14400
America/Inuvik	 PST -28800 PDT -25200 MDT -21600 -00 0;54j7k0 MST -25200 MDT -21600
America/Iqaluit America/Pangnirtung	 EWT -14400 -00 0;-cq2tg0 EST -18000 EPT -14400;17qm40 CST -21600 EST -18000 EDT -14400;fsdq80 CDT -18000;g36jg0 EST -18000 EDT -14400
America/Jamaica Jamaica	;-15r0v42 KMT -18430 EST -18000 EDT -14400
America/Juneau	 PST -28800 PWT -25200;-cq2tg0 PST -28800 PPT -25200;-csc80 PST -28800 PDT -25200;5dweg0 YDT -28800;5n9fs0 YST -32400 PST -28800 PDT -25200;79dyc0 AKST -32400 AKDT -28800
America/Kentucky/Louisville America/Louisville	 CST -21600 CDT -18000;-ek21s0 CWT -18000;-cq2tg0 CST -21600 CPT -18000;-ccw7ac CST -21600 CDT -18000;-4emkk0 EST -18000 EDT -14400;23fcs0 CDT -18000;2ijss0 EST -18000 EDT -14400
America/Kentucky/Monticello	 CST -21600 CDT -18000;-ek21s0 CWT -18000;-cq2tg0 CST -21600 CPT -18000;-vikg0 CST -21600 CDT -18000;g36jg0 EST -18000 EDT -14400
America/Kralendijk America/Lower_Princes America/Marigot America/Puerto_Rico America/St_Barthelemy America/Virgin	 AST -14400 AWT -10800;-cq2tg0 AST -14400 APT -10800
America/La_Paz	;-15r0wpo CMT -16356 BST -12756
America/Los_Angeles PST8PDT US/Pacific	 PST -28800 PDT -25200;-ek1w80 PWT -25200;-cq2tg0 PST -28800 PPT -25200;-bdliuc PST -28800 PDT -25200
America/Managua	 CST -21600 MMT -20712 EST -18000;4t08o0 CST -21600 CDT -18000;bhceg0 CST -21600 EST -18000;iepvc0 CST -21600 CDT -18000
America/Martinique	;-15r0y0s FFMT -14660 AST -14400 ADT -10800
America/Matamoros	 LMT -23400 CST -21600 CDT -18000
America/Menominee	 CST -21600 CDT -18000;-ek21s0 CWT -18000;-cq2tg0 CST -21600 CPT -18000;-ccw1s0 CST -21600 CDT -18000;-cshs0 EST -18000;1qgos0 CST -21600 CDT -18000
America/Merida	 CST -21600 EST -18000;dphfk0 CST -21600 CDT -18000
America/Metlakatla	 PST -28800 PWT -25200;-cq2tg0 PST -28800 PPT -25200;-csc80 AKST -32400 PST -28800 PDT -25200;o3z580 AKST -32400 AKDT -28800;phnyg0 AKST -32400 PST -28800;plmjs0 AKST -32400 AKDT -28800
America/Mexico_City Mexico/General	 MST -25200 CST -21600;-k6mpw0 MST -25200 MDT -21600;-jpan80 CST -21600 CDT -18000;-dlc7c0 CST -21600 CWT -18000;-adljc0 CST -21600 CDT -18000
America/Moncton	 EST -18000 AST -14400 ADT -10800;-ek27c0 AWT -10800;-cq2tg0 AST -14400 APT -10800;-ccw7c0 AST -14400 ADT -10800
America/Monterrey	 MST -25200 CST -21600;-k6mpw0 MST -25200 MDT -21600;-jpan80 CST -21600 CDT -18000
America/Montevideo	;-w4mll9 MMT -13491
America/Montreal America/New_York America/Nipigon America/Thunder_Bay America/Toronto Canada/Eastern EST5EDT US/Eastern	 EST -18000 EDT -14400;-ek24k0 EWT -14400;-cq2tg0 EST -18000 EPT -14400;-ccw4k0 EST -18000 EDT -14400
America/Nassau	 EST -18000 EWT -14400;-cq2tg0 EST -18000 EPT -14400;-2yrwk0 EST -18000 EDT -14400
America/Nome	 NST -39600 NWT -36000;-cq2tg0 NST -39600 NPT -36000;-1fq440 BST -39600 BDT -36000 YST -32400;79dyc0 AKST -32400 AKDT -28800
America/North_Dakota/Beulah	 MST -25200 MDT -21600;-ek1z00 MWT -21600;-cq2tg0 MST -25200 MPT -21600;-1e8kc0 MST -25200 MDT -21600;lbi8w0 CST -21600 CDT -18000
America/North_Dakota/Center	 MST -25200 MDT -21600;-ek1z00 MWT -21600;-cq2tg0 MST -25200 MPT -21600;-1e8kc0 MST -25200 MDT -21600;bwo3k0 CST -21600 CDT -18000
America/North_Dakota/New_Salem	 MST -25200 MDT -21600;-ek1z00 MWT -21600;-cq2tg0 MST -25200 MPT -21600;-1e8kc0 MST -25200 MDT -21600;hncu80 CST -21600 CDT -18000
America/Ojinaga	 MST -25200 CST -21600;-k6mpw0 MST -25200 MDT -21600;-jpan80 CST -21600 CDT -18000;eqxno0 MST -25200 MDT -21600;rkk3k0 CST -21600 CDT -18000
America/Paramaribo	 PMT -13252 PMT -13236
America/Phoenix MST US/Arizona	 MST -25200 MDT -21600;-ek1z00 MST -25200 MWT -21600;-1e8kc0 MST -25200 MDT -21600
America/Port-au-Prince	 EST -18000 PPMT -17340 EDT -14400
America/Rainy_River America/Winnipeg Canada/Central	 CST -21600 CDT -18000;-ek21s0 CWT -18000;-cq2tg0 CST -21600 CPT -18000;-cc64g0 CST -21600 CDT -18000
America/Rankin_Inlet	 CST -21600 CDT -18000 -00 0;g36jg0 EST -18000;gb3sw0 CST -21600 CDT -18000
America/Regina Canada/Saskatchewan	 MST -25200 MDT -21600;-ek1z00 MWT -21600;-cq2tg0 MST -25200 MPT -21600;-cdlwc0 MST -25200 MDT -21600;-5210c0 CST -21600
America/Resolute	 CST -21600 CDT -18000 -00 0;g36jg0 EST -18000;gb3sw0 CST -21600 CDT -18000;j7vy40 EST -18000;jeqbk0 CST -21600 CDT -18000
America/Santiago Chile/Continental	;-15r0w8r SMT -16965
America/Santo_Domingo	 EST -18000 SDMT -16800 EDT -14400;2ijn80 EST -18000 AST -14400
America/Sitka	 PST -28800 PWT -25200;-cq2tg0 PST -28800 PPT -25200;-csc80 YST -32400 PST -28800 PDT -25200;79dyc0 AKST -32400 AKDT -28800
America/St_Johns Canada/Newfoundland	;-18vs8wk NST -12652 NST -12600 NDT -9052 NDT -9000;-efdvm0 NWT -9000;-cq2tg0 NST -12600 NPT -9000;-cc6be0 NST -12600 NDT -9000 NDDT -5400
America/St_Lucia	 LMT -14640;-15r0y1c CMT -14640 AST -14400
America/St_Vincent	;-15r0xzs KMT -14696 AST -14400
America/Swift_Current	 MST -25200 MDT -21600;-ek1z00 MWT -21600;-cq2tg0 MST -25200 MPT -21600;-ccvz00 MST -25200 MDT -21600;17qro0 CST -21600
America/Vancouver Canada/Pacific	 PST -28800 PDT -25200;-ek1w80 PWT -25200;-cq2tg0 PST -28800 PPT -25200;-ccvw80 PST -28800 PDT -25200
America/Whitehorse Canada/Yukon	 YST -32400 YDT -28800;-ek1tg0 YWT -28800;-cq2tg0 YST -32400 YPT -28800 YDDT -25200;-207b00 PST -28800 PDT -25200;qj3vg0 MST -25200
America/Yakutat	 YST -32400 YWT -28800;-cq2tg0 YST -32400 YPT -28800;-cs9g0 YST -32400 YDT -28800;79dyc0 AKST -32400 AKDT -28800
Antarctica/Casey Antarctica/Davis Antarctica/DumontDUrville Antarctica/Mawson Antarctica/Palmer Antarctica/Rothera Antarctica/Syowa Antarctica/Vostok Factory Indian/Kerguelen Pacific/Enderbury Pacific/Kanton	 -00 0
Antarctica/Macquarie	 -00 0 AEST 36000 AEDT 39600
Antarctica/McMurdo	 -00 0 NZST 43200 NZDT 46800
Antarctica/South_Pole NZ Pacific/Auckland	 NZMT 41400 NZST 43200 NZST 45000 NZDT 46800
Antarctica/Troll	 -00 0;ibruo0
Arctic/Longyearbyen Atlantic/Jan_Mayen Europe/Berlin	 CET 3600 CEST 7200 CEMT 10800
Asia/Amman	 EET 7200 EEST 10800;rkfmg0
Asia/Baghdad	 BMT 10656
Asia/Bangkok	;-1ayyla4 BMT 24124
Asia/Barnaul	 LMT 20100
Asia/Beirut	 EET 7200 LMT 8520 EEST 10800
Asia/Calcutta Asia/Kolkata	 MMT 19270 IST 19800 HMT 21200
Asia/Chongqing Asia/Chungking Asia/Harbin Asia/Shanghai PRC	 CST 28800 CDT 32400
Asia/Colombo	 MMT 19172
Asia/Dacca Asia/Dhaka	 HMT 21200
Asia/Damascus	 EET 7200 EEST 10800;rkfjo0
Asia/Famagusta	 EET 7200 EEST 10800;od5jo0 EET 7200;oyk840 EET 7200 EEST 10800
Asia/Gaza Asia/Hebron	 EET 7200 EEST 10800;-1ceto0 IST 7200 IDT 10800;dkh140 EET 7200 EEST 10800
Asia/Ho_Chi_Minh Asia/Saigon	;-x5692u PLMT 25590
Asia/Hong_Kong Hongkong	 HKT 28800 HKWT 30600 HKST 32400;-emgia0 HKT 28800 JST 32400;-cda8w0 HKT 28800 HKST 32400
Asia/Irkutsk	;-1ayylz5 IMT 25025
Asia/Istanbul Europe/Istanbul Turkey	 IMT 7016 EET 7200 EEST 10800;4fid00 EET 7200;7zg2k0 EET 7200 EEST 10800;od3p00
Asia/Jakarta	;-1hftyg0 WIB 25200 BMT 25632
Asia/Jayapura	;-34rzq0 WIT 32400
Asia/Jerusalem Asia/Tel_Aviv Israel	 IST 7200 JMT 8440 IDT 10800 IDDT 14400
Asia/Karachi	;n33g0 PKT 18000 PKST 21600
Asia/Kuala_Lumpur	 SMT 24925
Asia/Macao Asia/Macau	 CST 28800;-ccrt00 CST 28800 CDT 32400
Asia/Makassar Asia/Ujung_Pandang	;-q3gzg0 MMT 28656;-co37o0 WITA 28800
Asia/Manila	 PST 28800 PDT 32400;-ejxt00 JST 32400;-cyj500 PST 28800 PDT 32400
Asia/Phnom_Penh Asia/Vientiane	 PLMT 25590
Asia/Pontianak	;-w6piww PMT 26240;-34ru60 WIB 25200 WITA 28800
Asia/Pyongyang	 LMT 30180 KST 30600 JST 32400;-cpmro0 KST 30600 KST 32400
Asia/Rangoon Asia/Yangon	;-1ayykhb RMT 23087
Asia/Seoul ROK	 KST 30600 JST 32400;-couzo0 KST 30600 KST 32400 KDT 34200 KDT 36000
Asia/Singapore Singapore	;-100ewkd SMT 24925
Asia/Taipei ROC	 CST 28800 LMT 29160 JST 32400;-cc1sw0 CST 28800 CDT 32400
Asia/Tbilisi	;-1ayyayn TBMT 10751
Asia/Tehran Iran	;-s6m6uw TMT 12344
Asia/Tokyo Japan	 JST 32400 JDT 36000
Asia/Yekaterinburg	 PMT 13505
Asia/Yerevan	 LMT 10680
Atlantic/Azores	 HMT -6872;bzwaw0 WET 0 WEST 3600;c8qqs0
Atlantic/Bermuda	;-15r0xbu BMT -15558 AST -14400 BST -11958 ADT -10800
Atlantic/Canary Atlantic/Faeroe Atlantic/Faroe	 WET 0 WEST 3600
Atlantic/Madeira	;-18vsfjc FMT -4056;-1p1x00 WET 0 WEST 3600
Atlantic/Reykjavik	 LMT -5280;-wlx40 GMT 0
Atlantic/St_Helena	;-15r18a0 JMT -1368 GMT 0
Atlantic/Stanley	;-15r0ymc SMT -13884
Australia/ACT Australia/Brisbane Australia/Canberra Australia/Currie Australia/Hobart Australia/Lindeman Australia/Melbourne Australia/NSW Australia/Queensland Australia/Sydney Australia/Tasmania Australia/Victoria	 AEST 36000 AEDT 39600
Australia/Adelaide Australia/Darwin Australia/North Australia/South	 ACST 32400 ACST 34200 ACDT 37800
Australia/Broken_Hill Australia/Yancowinna	 ACST 32400 ACST 34200 AEST 36000 ACDT 37800
Australia/LHI Australia/Lord_Howe	 AEST 36000
Australia/Perth Australia/West	 AWST 28800 AWDT 32400
CET Europe/Brussels MET	;-1ayy3h6 WET 0 BMT 1050 CET 3600 CEST 7200;-qj59g0 WET 0 WEST 3600 CEST 7200;-e6dzw0 CET 3600 CEST 7200
Chile/EasterIsland Pacific/Easter	;-15r0p2w EMT -26248
EET Europe/Athens	;-12rxtq4 AMT 5692 EET 7200 EEST 10800;-eyqoc0 CET 3600 CEST 7200;-dfp1g0 EET 7200 EEST 10800
Eire Europe/Dublin	;-1anxqtr DMT -1521 GMT 0 IST 2079 BST 3600;-oxiyg0 GMT 0 IST 3600
Etc/UCT Etc/UTC Etc/Universal Etc/Zulu UCT UTC Universal Zulu	 UTC 0
Europe/Amsterdam	;-1ygf4wk AMT 1172 CET 3600 NST 4772 CEST 7200
Europe/Andorra	 WET 0 CET 3600 CEST 7200
Europe/Belfast Europe/Isle_of_Man Europe/London GB GB-Eire	 GMT 0 BST 3600 BDST 7200
Europe/Belgrade Europe/Podgorica	 CET 3600 LMT 4920 CEST 7200
Europe/Bratislava Europe/Prague	;-1qmkw08 GMT 0 PMT 3464 CET 3600 CEST 7200
Europe/Bucharest	;-14u7wu0 BMT 6264 EET 7200 EEST 10800
Europe/Budapest Europe/Ljubljana Europe/Malta Europe/Sarajevo Europe/Skopje Europe/Tirane Europe/Vaduz Europe/Vienna Europe/Zagreb	 CET 3600 CEST 7200
Europe/Busingen Europe/Zurich	 BMT 1786 CET 3600 CEST 7200
Europe/Chisinau Europe/Tiraspol	 BMT 6264 CMT 6900 EET 7200 EEST 10800;-euq8c0 CET 3600 CEST 7200 MSK 10800 MSD 14400;am73s0 EET 7200 EEST 10800
Europe/Copenhagen	;-15r1bnw CMT 3020 CET 3600 CEST 7200
Europe/Gibraltar	 GMT 0 BST 3600 BDST 7200;-6mxp40 CET 3600 CEST 7200
Europe/Guernsey Europe/Jersey	 GMT 0 BST 3600 CEST 7200;-e6dzw0 CET 3600 CEST 7200;-cv6880 GMT 0 BST 3600 BDST 7200
Europe/Helsinki Europe/Mariehamn	;-1bss9yd HMT 5989 EET 7200 EEST 10800
Europe/Kaliningrad	 CET 3600 LMT 4920 CEST 7200;-cwm2w0 EET 7200 EEST 10800;-cdzpk0 MSK 10800 MSD 14400;a1bbw0 EET 7200 EEST 10800;liow00 EET 7200
Europe/Kiev Europe/Kyiv Europe/Uzhgorod Europe/Zaporozhye	;-1ayy8bg EET 7200 KMT 7324 MSK 10800;-erdv00 CET 3600 CEST 7200 MSK 10800 MSD 14400;ap2t40 EET 7200 EEST 10800
Europe/Kirov	;a1b940 MSK 10800 MSD 14400;b34fw0;blufs0 MSK 10800 MSD 14400;liot80 MSK 10800 MSK 14400
Europe/Lisbon Portugal WET	 WET 0 WEST 3600 WEMT 7200;-1p1zs0 WET 0 CET 3600;3rwlc0 WET 0 WEST 3600;bv7pg0 CET 3600 CEST 7200;dp3xg0 WET 0 WEST 3600
Europe/Luxembourg	 WET 0 CET 3600 CEST 7200;-qj59g0 WET 0 WEST 3600 WEST 7200;-e6dzw0 WET 3600 WEST 7200;-d73mk0 CET 3600 CEST 7200
Europe/Madrid	 WET 0 WEST 3600 WEMT 7200;-fjrxg0 CET 3600 CEST 7200
Europe/Minsk	 MMT 6600 EET 7200 MSK 10800;-evpf00 CET 3600 CEST 7200 MSK 10800 MSD 14400;b34fw0 EET 7200 EEST 10800;liow00
Europe/Monaco	 WET 0 PMT 561 WEST 3600 WEMT 7200;-cofek0 CET 3600 CEST 7200
Europe/Moscow W-SU	;-1ayy9mh EET 7200 MMT 9017 MMT 9079 MSK 10800 MST 12679 MSD 14400 MDST 16279;b34fw0 EET 7200 EEST 10800;bi8yo0 MSK 10800 MSD 14400;liot80 MSK 10800 MSK 14400
Europe/Oslo	 LMT 2580 CET 3600 CEST 7200
Europe/Paris	;-154gb3l WET 0 PMT 561 WEST 3600 CEST 7200;-e6dzw0 CET 3600 CEST 7200;-d8caw0 WEST 3600 WEMT 7200;-cofek0 CET 3600 CEST 7200
Europe/Riga	;-1ayy74y RMT 5794 EET 7200 LST 9394 MSK 10800;-evjv00 CET 3600 CEST 7200 MSK 10800 MSD 14400;a1bbw0 EET 7200 EEST 10800
Europe/Rome Europe/San_Marino Europe/Vatican	;-1hs7rn8 RMT 2996 CET 3600 CEST 7200
Europe/Simferopol	 EET 7200 SMT 8160 MSK 10800;-ep8300 CET 3600 CEST 7200 MSK 10800 MSD 14400;ap2vw0 EET 7200 EEST 10800 MSD 14400;cwnp80 MSK 10800 MSD 14400;e7u040 EET 7200 EEST 10800 MSK 14400;ne0t40 MSK 10800
Europe/Sofia	 CET 3600 IMT 7016 EET 7200;-dytrw0 CET 3600 CEST 7200;-cx0l40 EET 7200 EEST 10800
Europe/Stockholm	 CET 3600 SET 3614 CEST 7200
Europe/Tallinn	 LMT 5940;-1ayy790 CET 3600 TMT 5940 CEST 7200;-peghx0 EET 7200 MSK 10800;-ern4c0 CET 3600 CEST 7200 MSK 10800 MSD 14400;a1bbw0 EET 7200 EEST 10800
Europe/Vilnius	 CET 3600 WMT 5040 KMT 5736 EET 7200 MSK 10800;-evwto0 CET 3600 CEST 7200 MSK 10800 MSD 14400;a1bbw0 EET 7200 EEST 10800;eqk2s0 CET 3600 CEST 7200;fkg040 EET 7200 EEST 10800
Europe/Volgograd	;9il6g0 MSK 10800 MSD 14400;b34fw0;blufs0 MSK 10800 MSD 14400;liot80 MSK 10800 MSK 14400;pha580 MSK 10800
Europe/Warsaw Poland	 LMT 5040;-1ayy6k0 CET 3600 WMT 5040 CEST 7200;-qrqd80 CET 3600 EET 7200 EEST 10800;-feqak0 CET 3600 CEST 7200
HST Pacific/Honolulu Pacific/Johnston US/Hawaii	 HST -37800 HDT -34200;-ek1pa0 HWT -34200;-cq2tg0 HST -37800 HST -36000 HPT -34200
Indian/Antananarivo	 EAT 10800 EAST 14400
Indian/Maldives	 LMT 17640;-1ayyga0 MMT 17640
Indian/Mauritius	 LMT 13800
Pacific/Bougainville Pacific/Port_Moresby Pacific/Truk Pacific/Yap	 PMMT 35312
Pacific/Guam	 LMT -51660 LMT 34740 GST 36000 GDT 39600;g5z2w0 ChST 36000
Pacific/Marquesas	 LMT -33480
Pacific/Midway	;-6yfw80 SST -39600
Pacific/Pago_Pago Pacific/Samoa US/Samoa	 SST -39600
Pacific/Saipan	 LMT -51420 LMT 34980 GST 36000 GDT 39600;g5z2w0 ChST 36000
`
