-- GET /countries
--   startAt=2026-11-01
--   endAt=2026-11-30
--   search=aus
--   limit=10
--   offset=20

SELECT list, role, count() AS total,
    groupArraySorted({v7:UInt64})((-toInt64(visitors), value, country_, region_code_, region_, visitors, sessions, views, completions, new_revenue, renewal_revenue, refunded_revenue, unconverted, unmarked)) AS rows
FROM (
    SELECT
        multiIf(mask = 0, 0, 0) AS list,
        multiIf(mask = 0, if(1, 2, 1), 0) AS role,
        multiIf(mask = 0, if(country = '', {v6:String}, transform(toString(country), {v4:Array(String)}, {v5:Array(String)}, toString(country))), '') AS value,
        if(mask IN (0), toString(country), '') AS country_, '' AS region_code_, '' AS region_,
        visitors, sessions, views, completions, new_revenue, renewal_revenue, refunded_revenue, unconverted, unmarked
    FROM (
    SELECT mask, country, sum(visitors_) AS visitors, sum(sessions_) AS sessions, sum(views_) AS views, sum(completions_) AS completions, sum(new_revenue_) AS new_revenue, sum(renewal_revenue_) AS renewal_revenue, sum(refunded_revenue_) AS refunded_revenue, sum(unconverted_) AS unconverted, sum(unmarked_) AS unmarked
    FROM (
        SELECT
            grouping(country) AS mask,
            country,
            multiIf(grouping(country) = 0, sum(prev_at - gaps[16] < {v3:UInt32}), countIf(prev_at < {v3:UInt32})) AS visitors_,
            count() AS sessions_,
            sum(pageviews) AS views_,
            toUInt64(0) AS completions_,
            toDecimal128(0, 4) AS new_revenue_,
            toDecimal128(0, 4) AS renewal_revenue_,
            toDecimal128(0, 4) AS refunded_revenue_,
            toUInt64(0) AS unconverted_,
            countIf(prev_at = 0 OR (prev_at > 1 AND empty(gaps))) + (SELECT count() FROM doubts) AS unmarked_
        FROM sessions FINAL
        WHERE website_id = {v0:UInt32} AND started_at >= fromUnixTimestamp64Milli({v1:Int64}) AND started_at < fromUnixTimestamp64Milli({v2:Int64}) AND bot = '' AND counted_events > 0
        GROUP BY GROUPING SETS ((country), ())
        UNION ALL
        SELECT
            grouping(country) AS mask,
            country,
            toUInt64(0) AS visitors_,
            toUInt64(0) AS sessions_,
            toUInt64(0) AS views_,
            toUInt64(0) AS completions_,
            sumIf(amount, kind = 'new') AS new_revenue_,
            sumIf(amount, kind = 'renewal') AS renewal_revenue_,
            sumIf(amount, kind = 'refund') AS refunded_revenue_,
            countIf(is_converted = 0 AND kind != 'refund') AS unconverted_,
            toUInt64(0) AS unmarked_
        FROM payments FINAL
        WHERE website_id = {v0:UInt32} AND report_at >= fromUnixTimestamp64Milli({v1:Int64}) AND report_at < fromUnixTimestamp64Milli({v2:Int64})
        GROUP BY GROUPING SETS ((country), ())
    )
    GROUP BY mask, country
    )
)
WHERE role != 2 OR ((positionCaseInsensitiveUTF8(value, {v8:String}) > 0) AND visitors + sessions + completions + new_revenue + renewal_revenue > 0)
GROUP BY list, role
;
-- with
--   v0: the website's id
--   v1: 1793491200000
--   v2: 1796083200000
--   v3: 1793491200
--   v4: ["AD","AE","AF","AG","AI","AL","AM","AO","AQ","AR","AS","AT","AU","AW","AX","AZ","BA","BB","BD","BE","BF","BG","BH","BI","BJ","BL","BM","BN","BO","BQ","BR","BS","BT","BV","BW","BY","BZ","CA","CC","CD","CF","CG","CH","CI","CK","CL","CM","CN","CO","CR","CU","CV","CW","CX","CY","CZ","DE","DJ","DK","DM","DO","DZ","EC","EE","EG","EH","ER","ES","ET","FI","FJ","FK","FM","FO","FR","GA","GB","GD","GE","GF","GG","GH","GI","GL","GM","GN","GP","GQ","GR","GS","GT","GU","GW","GY","HK","HM","HN","HR","HT","HU","ID","IE","IL","IM","IN","IO","IQ","IR","IS","IT","JE","JM","JO","JP","KE","KG","KH","KI","KM","KN","KP","KR","KW","KY","KZ","LA","LB","LC","LI","LK","LR","LS","LT","LU","LV","LY","MA","MC","MD","ME","MF","MG","MH","MK","ML","MM","MN","MO","MP","MQ","MR","MS","MT","MU","MV","MW","MX","MY","MZ","NA","NC","NE","NF","NG","NI","NL","NO","NP","NR","NU","NZ","OM","PA","PE","PF","PG","PH","PK","PL","PM","PN","PR","PS","PT","PW","PY","QA","RE","RO","RS","RU","RW","SA","SB","SC","SD","SE","SG","SH","SI","SJ","SK","SL","SM","SN","SO","SR","SS","ST","SV","SX","SY","SZ","TC","TD","TF","TG","TH","TJ","TK","TL","TM","TN","TO","TR","TT","TV","TW","TZ","UA","UG","UM","US","UY","UZ","VA","VC","VE","VG","VI","VN","VU","WF","WS","XK","YE","YT","ZA","ZM","ZW"]
--   v5: ["Andorra","United Arab Emirates","Afghanistan","Antigua and Barbuda","Anguilla","Albania","Armenia","Angola","Antarctica","Argentina","American Samoa","Austria","Australia","Aruba","\u00c5land Islands","Azerbaijan","Bosnia and Herzegovina","Barbados","Bangladesh","Belgium","Burkina Faso","Bulgaria","Bahrain","Burundi","Benin","Saint Barth\u00e9lemy","Bermuda","Brunei","Bolivia","Caribbean Netherlands","Brazil","Bahamas","Bhutan","Bouvet Island","Botswana","Belarus","Belize","Canada","Cocos (Keeling) Islands","DR Congo","Central African Republic","Congo","Switzerland","Ivory Coast","Cook Islands","Chile","Cameroon","China","Colombia","Costa Rica","Cuba","Cape Verde","Cura\u00e7ao","Christmas Island","Cyprus","Czechia","Germany","Djibouti","Denmark","Dominica","Dominican Republic","Algeria","Ecuador","Estonia","Egypt","Western Sahara","Eritrea","Spain","Ethiopia","Finland","Fiji","Falkland Islands","Micronesia","Faroe Islands","France","Gabon","United Kingdom","Grenada","Georgia","French Guiana","Guernsey","Ghana","Gibraltar","Greenland","Gambia","Guinea","Guadeloupe","Equatorial Guinea","Greece","South Georgia and South Sandwich Islands","Guatemala","Guam","Guinea-Bissau","Guyana","Hong Kong","Heard and McDonald Islands","Honduras","Croatia","Haiti","Hungary","Indonesia","Ireland","Israel","Isle of Man","India","British Indian Ocean Territory","Iraq","Iran","Iceland","Italy","Jersey","Jamaica","Jordan","Japan","Kenya","Kyrgyzstan","Cambodia","Kiribati","Comoros","Saint Kitts and Nevis","North Korea","South Korea","Kuwait","Cayman Islands","Kazakhstan","Laos","Lebanon","Saint Lucia","Liechtenstein","Sri Lanka","Liberia","Lesotho","Lithuania","Luxembourg","Latvia","Libya","Morocco","Monaco","Moldova","Montenegro","Saint Martin","Madagascar","Marshall Islands","North Macedonia","Mali","Myanmar","Mongolia","Macao","Northern Mariana Islands","Martinique","Mauritania","Montserrat","Malta","Mauritius","Maldives","Malawi","Mexico","Malaysia","Mozambique","Namibia","New Caledonia","Niger","Norfolk Island","Nigeria","Nicaragua","Netherlands","Norway","Nepal","Nauru","Niue","New Zealand","Oman","Panama","Peru","French Polynesia","Papua New Guinea","Philippines","Pakistan","Poland","Saint Pierre and Miquelon","Pitcairn Islands","Puerto Rico","Palestine","Portugal","Palau","Paraguay","Qatar","R\u00e9union","Romania","Serbia","Russia","Rwanda","Saudi Arabia","Solomon Islands","Seychelles","Sudan","Sweden","Singapore","Saint Helena","Slovenia","Svalbard and Jan Mayen","Slovakia","Sierra Leone","San Marino","Senegal","Somalia","Suriname","South Sudan","S\u00e3o Tom\u00e9 and Pr\u00edncipe","El Salvador","Sint Maarten","Syria","Eswatini","Turks and Caicos Islands","Chad","French Southern Territories","Togo","Thailand","Tajikistan","Tokelau","Timor-Leste","Turkmenistan","Tunisia","Tonga","Turkey","Trinidad and Tobago","Tuvalu","Taiwan","Tanzania","Ukraine","Uganda","U.S. Outlying Islands","United States","Uruguay","Uzbekistan","Vatican City","Saint Vincent and Grenadines","Venezuela","British Virgin Islands","U.S. Virgin Islands","Vietnam","Vanuatu","Wallis and Futuna","Samoa","Kosovo","Yemen","Mayotte","South Africa","Zambia","Zimbabwe"]
--   v6: "Unknown"
--   v7: 30
--   v8: "aus"
